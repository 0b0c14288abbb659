import Foundation

/// Writes pictures of Sort-of-CLEVR as a folder:
///
/// - `images/NNNNNN.png`, named by index, 75 x 75
/// - `questions.json`: a list of {image, question, answer, relational}, twenty for each picture
public enum SortOfClevrDataset {
    private struct Row: Encodable {
        let image: String
        let question: String
        let answer: String
        let relational: Bool
    }

    /// Draws and writes pictures `0 ..< count` of a split.
    ///
    /// - Parameters:
    ///   - folder: a folder that is empty or does not exist yet; it is made, with the folders above it.
    ///   - encode: turns an image into the bytes of a PNG file. What it throws is passed on.
    ///   - progress: told the number of pictures written so far; by throwing it stops the work.
    /// - Throws: `SceneError` when the folder is not empty, a number is out of range, or a file cannot be written.
    public static func write(
        to folder: URL, count: Int, seed: UInt64, split: SceneSplit, encode: (PixelImage) throws -> [UInt8],
        progress: (Int) throws -> Void = { _ in }
    ) throws {
        guard (1...SceneDataset.mostScenes).contains(count) else { throw SceneError.countOutOfRange(found: count) }
        let images = try SceneDataset.prepare(folder), encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines: [String] = []
        for index in 0..<count {
            let drawn = SortOfClevr.draw(split: split, seed: seed, index: index), name = SceneDataset.imageName(index)
            try SceneDataset.write(encode(drawn.render()), to: images.appendingPathComponent(name))
            for question in drawn.questions {
                let row = Row(image: name, question: question.text, answer: question.answer, relational: question.isRelational)
                lines.append(String(decoding: try encoder.encode(row), as: UTF8.self))
            }
            try progress(index + 1)
        }
        let list = "[" + lines.joined(separator: ",\n") + "]\n"
        try SceneDataset.write(Array(list.utf8), to: folder.appendingPathComponent("questions.json"))
    }
}
