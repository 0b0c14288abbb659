// VQAv2 files read back: questions, the answers people gave, and the images they are about.

import Foundation

/// Why a question file, its annotations or its images cannot be used.
public enum QuestionFileError: Error, CustomStringConvertible, Equatable {
    case file(DatasetFileError)
    /// A question that the annotations say nothing of.
    case notAnnotated(path: String, question: Int)
    case noFolder(path: String)
    case noImage(folder: String, image: Int)
    /// Two files whose names end in the same number.
    case imageTwice(folder: String, image: Int, names: [String])

    public var description: String {
        switch self {
        case .file(let error): return error.description
        case .notAnnotated(let path, let question):
            return "annotations \(clean(path)) do not fit: expected answers to question \(question), found none; "
                + "use the file that belongs to the questions"
        case .noFolder(let path):
            return "cannot list images \(clean(path)): expected a folder, found none of that name; check the path"
        case .noImage(let folder, let image):
            return "images \(clean(folder)) do not fit: expected a file whose name ends in the number \(image), found none; "
                + "name the folder of the questions' images"
        case .imageTwice(let folder, let image, let names):
            return "images \(clean(folder)) are ambiguous: expected one file for image \(image), found "
                + "\(MessageText.list(names)); keep one of them"
        }
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 400) }
}

/// Reads files in the VQAv2 format.
public enum QuestionFiles {
    /// The records of a questions file, in its order.
    public static func questions(_ path: String) throws(QuestionFileError) -> [QuestionRecord] {
        struct File: Decodable { let questions: [QuestionRecord] }
        return try read(File.self, path).questions
    }

    /// The answers given to each question of an annotations file, by question id.
    public static func answers(_ path: String) throws(QuestionFileError) -> [Int: [String]] {
        Dictionary(try annotations(path).map { ($0.questionId, $0.answers.map(\.answer)) }) { $1 }
    }

    /// The records of an annotations file, in its order.
    public static func annotations(_ path: String) throws(QuestionFileError) -> [AnswerRecord] {
        struct File: Decodable { let annotations: [AnswerRecord] }
        return try read(File.self, path).annotations
    }

    /// Paths of the images of a folder by id: the number a file's name ends in, as in `COCO_val2014_000000262148.jpg`.
    public struct Images: Sendable {
        private let folder: String
        private let names: [Int: [String]]

        public init(folder: String) throws(QuestionFileError) {
            guard let found = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
                throw .noFolder(path: folder)
            }
            self.folder = folder
            var names: [Int: [String]] = [:]
            for name in found.sorted() {
                guard let dot = name.lastIndex(of: "."),
                    ["png", "jpg", "jpeg", "webp"].contains(name[name.index(after: dot)...].lowercased())
                else { continue }
                let digits = name[..<dot].reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
                if let id = Int(String(digits)) { names[id, default: []].append(name) }
            }
            self.names = names
        }

        public func path(of image: Int) throws(QuestionFileError) -> String {
            let found = names[image] ?? []
            guard let name = found.first else { throw .noImage(folder: folder, image: image) }
            guard found.count == 1 else { throw .imageTwice(folder: folder, image: image, names: found) }
            return folder.hasSuffix("/") ? folder + name : folder + "/" + name
        }
    }

    private static func read<File: Decodable>(_ type: File.Type, _ path: String) throws(QuestionFileError) -> File {
        do { return try DatasetReading.json(type, path, format: "VQAv2") } catch { throw .file(error) }
    }
}
