// What a model has said so far, kept on disk so that a measurement that stops can go on.

import Foundation
import SpectralFormats

/// Why a journal cannot be gone on with.
public enum OutputJournalError: Error, CustomStringConvertible, Equatable {
    case otherSettings(path: String, expected: String, found: String)
    case notAJournal(path: String)
    case cannotWrite(path: String, reason: String)

    public var description: String {
        switch self {
        case .otherSettings(let path, let expected, let found):
            return "cannot go on with \(clean(path)): expected \(clean(expected)), found \(clean(found)); "
                + "run with the settings it was begun with, or delete it to begin anew"
        case .notAJournal(let path):
            return "cannot go on with \(clean(path)): it holds no settings, or outputs for other data; delete it to begin anew"
        case .cannotWrite(let path, let reason):
            return "cannot write \(clean(path)): \(clean(reason)); "
                + "check its folder and the room on the disk, or name another place with --out"
        }
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 400) }
}

/// Where outputs come from: outputs of other settings must not be mixed.
public struct OutputSettings: Codable, Sendable, Equatable {
    /// "caption" or "vqa".
    public var task: String
    /// Hash of config and weights.
    public var checkpoint: String
    public var k: Int
    /// "greedy", "beam 4", or "answers" where one of a list is chosen.
    public var decoding: String
    /// Hash of the file of captions or questions.
    public var data: String
    public var format: String
    /// Folder of images, in full.
    public var images: String
    /// Every n-th image alone is asked about; `nil` for all.
    public var holdOut: Int?

    public init(
        task: String, checkpoint: String, k: Int, decoding: String, data: String, format: String, images: String, holdOut: Int? = nil
    ) {
        self.task = task
        self.checkpoint = checkpoint
        self.k = k
        self.decoding = decoding
        self.data = data
        self.format = format
        self.images = images
        self.holdOut = holdOut
    }

    private var parts: [(name: String, value: String)] {
        [
            ("task", task), ("checkpoint", checkpoint), ("k", "\(k)"), ("decoding", decoding), ("data", data), ("format", format),
            ("images", images), ("hold-out", holdOut.map(String.init) ?? "none"),
        ]
    }

    /// The first setting that differs, here and there.
    func difference(from other: OutputSettings) -> (own: String, other: String)? {
        zip(parts, other.parts).first { $0.value != $1.value }.map { ("\($0.name) \($0.value)", "\($1.name) \($1.value)") }
    }
}

/// One output.
public struct ModelOutput: Codable, Sendable, Equatable {
    /// Of the image or the question.
    public var id: Int
    /// Empty for an image that cannot be read.
    public var text: String
    public var isUnreadable: Bool

    public init(id: Int, text: String, isUnreadable: Bool = false) {
        self.id = id
        self.text = text
        self.isUnreadable = isUnreadable
    }
}

/// A file of JSON lines: settings, then an output to a line, in the order of the data. A torn last line is dropped.
///
/// One owner calls it, one call at a time. The file is closed with the last reference.
public final class OutputJournal {
    public let path: String
    /// Outputs that were there when it was opened, then those appended.
    public private(set) var outputs: [ModelOutput]
    private let handle: FileHandle
    private let encoder = JSONEncoder()

    /// Opens the journal at `path` or begins it.
    ///
    /// - Throws: `OutputJournalError` for a journal of other settings or one that cannot be written.
    public init(path: String, settings: OutputSettings) throws(OutputJournalError) {
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let url = URL(fileURLWithPath: path)
        var outputs: [ModelOutput] = [], whole = Data()
        if let found = try? Data(contentsOf: url), let end = found.firstIndex(of: UInt8(ascii: "\n")) {
            let decoder = JSONDecoder()
            guard let begun = try? decoder.decode(OutputSettings.self, from: found[..<end]) else { throw .notAJournal(path: path) }
            if let (expected, other) = begun.difference(from: settings) {
                throw .otherSettings(path: path, expected: expected, found: other)
            }
            whole = Data(found[...end])
            var start = end + 1
            while let next = found[start...].firstIndex(of: UInt8(ascii: "\n")),
                let output = try? decoder.decode(ModelOutput.self, from: found[start..<next])
            {
                outputs.append(output)
                whole += found[start...next]
                start = next + 1
            }
        }
        do {
            if whole.isEmpty { whole = try encoder.encode(settings) + Data("\n".utf8) }
            try AtomicFile.write(path: path, whole)
            handle = try FileHandle(forWritingTo: url)
            try handle.seekToEnd()
        } catch let error as SafetensorsError {
            throw .cannotWrite(path: path, reason: error.reason)
        } catch {
            throw .cannotWrite(path: path, reason: "the system refused it")
        }
        self.path = path
        self.outputs = outputs
    }

    deinit { try? handle.close() }

    /// Writes outputs and flushes them to disk.
    public func append(_ more: [ModelOutput]) throws(OutputJournalError) {
        do {
            let lines = try more.map { try encoder.encode($0) + Data("\n".utf8) }
            try handle.write(contentsOf: Data(lines.joined()))
            try handle.synchronize()
        } catch {
            throw .cannotWrite(path: path, reason: "the system refused it")
        }
        outputs += more
    }

    /// Takes the file away: its outputs stand elsewhere now.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
