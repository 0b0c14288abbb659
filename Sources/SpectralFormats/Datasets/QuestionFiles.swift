// VQAv2 files read back: questions, the answers people gave, and the images they are about.

import Foundation

/// Why a question file, its annotations or its images cannot be used.
public enum QuestionFileError: Error, CustomStringConvertible, Equatable {
    case unreadable(path: String, reason: String)
    /// `key` is where in the JSON, empty for the file as a whole.
    case malformed(path: String, key: String, found: String)
    /// A question that the annotations say nothing of.
    case notAnnotated(path: String, question: Int)
    case noFolder(path: String)
    case noImage(folder: String, image: Int)
    /// Two files whose names end in the same number.
    case imageTwice(folder: String, image: Int, names: [String])

    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            return "cannot read VQAv2 file \(clean(path)): \(clean(reason)); check the path"
        case .malformed(let path, let key, let found):
            return "VQAv2 file \(clean(path)) cannot be read\(key.isEmpty ? "" : " at \(clean(key))"): \(clean(found)); "
                + "correct the file"
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
        struct File: Decodable { let annotations: [AnswerRecord] }
        let records = try read(File.self, path).annotations
        return Dictionary(records.map { ($0.questionId, $0.answers.map(\.answer)) }) { $1 }
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
        // Opening a pipe would wait for its writer.
        let kind = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
        guard kind != nil else { throw .unreadable(path: path, reason: "no such file") }
        guard kind == .typeRegular || kind == .typeSymbolicLink else {
            throw .unreadable(path: path, reason: "expected a file, found a folder or a device")
        }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw .unreadable(path: path, reason: "the system refused to read it")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(File.self, from: data)
        } catch {
            let (key, found) = MessageText.decoding(error)
            // The system ends its own sentences; this one goes on.
            throw .malformed(path: path, key: key, found: found.hasSuffix(".") ? String(found.dropLast()) : found)
        }
    }
}
