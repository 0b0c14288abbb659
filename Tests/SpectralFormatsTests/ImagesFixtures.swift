import Foundation
import SpectralFormats
import Testing

/// The files of `Fixtures/images`; its README says how they were made.
enum ImagesFixtures {
    /// What one file must decode to, computed apart from this program.
    struct Decoding: Decodable, Sendable, CustomTestStringConvertible {
        let file: String
        let width: Int
        let height: Int
        /// The most that a channel may differ.
        let tolerance: Int
        /// `height * width * 3` bytes.
        let pixels: Data

        var testDescription: String { file }
    }

    /// What Pillow makes of `formulaImage` at another size.
    struct Resizing: Decodable, Sendable, CustomTestStringConvertible {
        let from: [Int]
        let to: [Int]
        let pixels: Data

        var testDescription: String { "\(from) to \(to)" }
    }

    static let folder = Bundle.module.bundleURL.appending(path: "Fixtures/images")
    static let decodings: [Decoding] = decoded("expected-decoding.json")
    static let resizings: [Resizing] = decoded("expected-resizing.json")

    static func path(_ file: String) -> String { folder.appending(path: file).path }

    static func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: file)))
    }

    /// The image whose channels are `(3 x^2 + 5 y^2 + 7 x y + 83 c) / 4` modulo 256.
    static func formulaImage(width: Int, height: Int) -> PixelImage {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                for c in 0..<3 {
                    pixels.append(UInt8(truncatingIfNeeded: (x * x * 3 + y * y * 5 + x * y * 7 + c * 83) >> 2))
                }
            }
        }
        return PixelImage(width: width, height: height, pixels: pixels)
    }

    /// The largest difference of a channel.
    static func distance(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Int {
        zip(left, right).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    }

    /// Calls `body` with a new empty folder that is removed afterwards.
    static func inTemporaryFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "images-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    /// The error that `body` must end with; a success is a failure of the test.
    static func error(
        _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation, of body: () throws -> Void
    ) -> ImageError? {
        #expect(throws: ImageError.self, comment, sourceLocation: sourceLocation, performing: body)
    }

    private static func decoded<Record: Decodable>(_ file: String) -> [Record] {
        do {
            return try JSONDecoder().decode([Record].self, from: Data(contentsOf: folder.appending(path: file)))
        } catch {
            Issue.record("\(file): \(error)")
            return []
        }
    }
}
