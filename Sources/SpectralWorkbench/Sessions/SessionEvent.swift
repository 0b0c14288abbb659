// What a session is made of: one event a line, each a JSON object whose `event` says what it is.
//
// Guarantees: a value written and read back is equal, floats bit for bit; a member this version does not know is left
// to `SessionEntry.fields`, which keeps the whole line.

import Foundation
import SpectralModel

/// The first line of every session.
public struct SessionHeader: Codable, Sendable, Hashable {
    /// The format this version writes, and the newest it reads.
    public static let currentVersion = 1

    public var version = SessionHeader.currentVersion
    public var title: String
    /// What the session is for, in a sentence or two.
    public var about: String?

    public init(title: String, about: String? = nil) {
        self.title = title
        self.about = about
    }
}

/// A file or folder that a run depends on: something bundled by its name, anything else by path.
public struct SessionReference: Codable, Sendable, Hashable {
    /// Name of a bundled checkpoint or image.
    public var bundled: String?
    /// Relative to the session's folder unless it begins with a slash.
    public var path: String?
    /// FNV-1a (64 bit, hex) of what was there: of an image file's bytes, of a checkpoint as `contentHash` takes it.
    public var hash: String?

    public init(bundled: String? = nil, path: String? = nil, hash: String? = nil) {
        self.bundled = bundled
        self.path = path
        self.hash = hash
    }

    /// The name or path, whichever it goes by.
    public var name: String { bundled ?? path ?? "" }
}

/// How words were chosen.
public struct SessionDecoding: Codable, Sendable, Hashable {
    public enum Strategy: String, Codable, Sendable { case greedy, beam, nucleus }

    public var strategy: Strategy
    public var width: Int?
    public var lengthPenalty: Float?
    public var topP: Float?
    public var temperature: Float?

    public static let greedy = SessionDecoding(.greedy)

    /// - Returns: the seed beside it belongs to the run.
    public init(_ strategy: DecodingStrategy) {
        switch strategy {
        case .greedy: self.strategy = .greedy
        case .beam(let width, let penalty): (self.strategy, self.width, lengthPenalty) = (.beam, width, penalty)
        case .nucleus(let topP, let temperature, _):
            (self.strategy, self.topP, self.temperature) = (.nucleus, topP, temperature)
        }
    }

    /// Numbers that are missing are those the command line would take.
    public func strategy(seed: UInt64) -> DecodingStrategy {
        switch strategy {
        case .greedy: .greedy
        case .beam: .beam(width: width ?? 1, lengthPenalty: lengthPenalty ?? 1)
        case .nucleus: .nucleus(topP: topP ?? 1, temperature: temperature ?? 1, seed: seed)
        }
    }
}

/// Text and how likely the model held it to be, 0 to 1.
public struct SessionCandidate: Codable, Sendable, Hashable {
    public var text: String
    public var probability: Float

    public init(text: String, probability: Float) {
        self.text = text
        self.probability = probability
    }
}

/// What the model said.
public struct SessionOutput: Codable, Sendable, Hashable {
    /// The answer or caption; of a box its figures in pixels, to tenths.
    public var text: String
    /// Of an answer, best first; probabilities are over all answers.
    public var candidates: [SessionCandidate]?
    /// Of a caption, in order.
    public var tokens: [SessionCandidate]?
    /// x, y, width and height in pixels of the image.
    public var box: [Double]?
    /// Why it may be wrong, one line each.
    public var warnings: [String]?

    /// Natural logarithm of the probability of the answer, or of the caption's tokens in turn; nil for a box.
    public var logProbability: Double? {
        if let first = candidates?.first { return log(Double(first.probability)) }
        return tokens.map { $0.reduce(0) { $0 + log(Double($1.probability)) } }
    }
}

/// The atoms whose muting took most from an output.
public struct SessionAtoms: Codable, Sendable, Hashable {
    public struct Effect: Codable, Sendable, Hashable {
        /// As `fusion/3`.
        public var atom: String
        /// Score of the output with the atom less that without it, in `unit`.
        public var effect: Float
    }
    public var unit: String
    /// Largest magnitude first.
    public var top: [Effect]
}

/// One exchange with the model. Without `output` it is a plan, which `sdict replay --record` carries out.
public struct SessionRun: Codable, Sendable, Hashable {
    public var id: String
    /// When, ISO 8601.
    public var at: String?
    /// The run that this one was re-asked or edited from.
    public var parent: String?
    public var checkpoint: SessionReference
    public var image: SessionReference
    public var task: AskTask
    /// Empty for a caption.
    public var prompt: String
    /// Vision atoms; nil for all, which only a plan leaves open.
    public var k: Int?
    public var decoding = SessionDecoding.greedy
    public var seed: UInt64 = 0
    /// The edit of atoms in force.
    public var edit: String?
    public var output: SessionOutput?
    public var atoms: SessionAtoms?
    public var milliseconds: Double?

    public init(
        id: String, parent: String? = nil, checkpoint: SessionReference, image: SessionReference, task: AskTask,
        prompt: String = "", k: Int? = nil, edit: String? = nil
    ) {
        self.id = id
        self.parent = parent
        self.checkpoint = checkpoint
        self.image = image
        self.task = task
        self.prompt = prompt
        self.k = k
        self.edit = edit
    }

    /// What a plan leaves out takes its usual value.
    public init(from decoder: any Decoder) throws {
        let run = try decoder.container(keyedBy: CodingKeys.self)
        id = try run.decode(String.self, forKey: .id)
        at = try run.decodeIfPresent(String.self, forKey: .at)
        parent = try run.decodeIfPresent(String.self, forKey: .parent)
        checkpoint = try run.decode(SessionReference.self, forKey: .checkpoint)
        image = try run.decode(SessionReference.self, forKey: .image)
        task = try run.decode(AskTask.self, forKey: .task)
        prompt = try run.decodeIfPresent(String.self, forKey: .prompt) ?? ""
        k = try run.decodeIfPresent(Int.self, forKey: .k)
        decoding = try run.decodeIfPresent(SessionDecoding.self, forKey: .decoding) ?? .greedy
        seed = try run.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0
        edit = try run.decodeIfPresent(String.self, forKey: .edit)
        output = try run.decodeIfPresent(SessionOutput.self, forKey: .output)
        atoms = try run.decodeIfPresent(SessionAtoms.self, forKey: .atoms)
        milliseconds = try run.decodeIfPresent(Double.self, forKey: .milliseconds)
    }
}

/// Changes to atoms that runs may name.
public struct SessionEdit: Codable, Sendable, Hashable {
    public struct Change: Codable, Sendable, Hashable {
        public enum Action: String, Codable, Sendable, CaseIterable { case mute, solo, scale, shift }

        public var action: Action
        /// Addresses such as `vision/17` and `fusion/2/40`.
        public var atoms: [String]
        /// Factor of `scale`, radians of `shift`; none for the others.
        public var amount: Float?

        public init(_ action: Action, _ atoms: [String], amount: Float? = nil) {
            self.action = action
            self.atoms = atoms
            self.amount = amount
        }
    }

    public var id: String
    /// In a few words, for tables.
    public var name: String?
    /// In force together.
    public var changes: [Change]

    public init(id: String, name: String? = nil, changes: [Change]) {
        self.id = id
        self.name = name
        self.changes = changes
    }
}

/// Words of whoever keeps the session.
public struct SessionNote: Codable, Sendable, Hashable {
    public var id: String
    /// Runs and edits it is about; none for the session as a whole.
    public var about: [String]?
    public var text: String

    public init(id: String, about: [String]? = nil, text: String) {
        self.id = id
        self.about = about
        self.text = text
    }
}

/// One line of a session.
public enum SessionEvent: Sendable, Hashable, Encodable {
    case session(SessionHeader)
    case run(SessionRun)
    case edit(SessionEdit)
    case note(SessionNote)
    /// Of a kind that this version does not know.
    case other(String)

    /// What the line's `event` says.
    public var kind: String {
        switch self {
        case .session: "session"
        case .run: "run"
        case .edit: "edit"
        case .note: "note"
        case .other(let kind): kind
        }
    }

    /// nil for what has none.
    public var id: String? {
        switch self {
        case .run(let run): run.id
        case .edit(let edit): edit.id
        case .note(let note): note.id
        case .session, .other: nil
        }
    }

    enum Key: String, CodingKey { case event }

    public func encode(to encoder: any Encoder) throws {
        var line = encoder.container(keyedBy: Key.self)
        try line.encode(kind, forKey: .event)
        switch self {
        case .session(let header): try header.encode(to: encoder)
        case .run(let run): try run.encode(to: encoder)
        case .edit(let edit): try edit.encode(to: encoder)
        case .note(let note): try note.encode(to: encoder)
        case .other: break
        }
    }
}

extension AskTask: Codable {}
