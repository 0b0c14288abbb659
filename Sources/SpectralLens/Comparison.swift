// Columns of a comparison: what each one is, what it put out, and how far it agrees with the first. Plain values.

import SpectralFormats
import SpectralModel

/// A checkpoint at one K.
public struct ComparisonColumn: Sendable, Codable, Equatable {
    public enum Kind: String, Sendable, Codable {
        /// Of the first column's checkpoint: its first K atoms. The first column itself too.
        case nested
        /// Another checkpoint, trained apart.
        case trained
    }

    /// What its reader calls the checkpoint.
    public let checkpoint: String
    /// Of config and weights: equal for equal models.
    public let hash: String
    public let preset: ModelConfig.Preset
    /// Vision atoms used.
    public let k: Int
    /// Vision atoms the checkpoint has.
    public let visionAtoms: Int
    /// By stack; empty for the attention twin.
    public let atoms: [ColumnAtoms]

    public init(
        checkpoint: String, hash: String, preset: ModelConfig.Preset, k: Int, visionAtoms: Int, atoms: [ColumnAtoms]
    ) {
        self.checkpoint = checkpoint
        self.hash = hash
        self.preset = preset
        self.k = k
        self.visionAtoms = visionAtoms
        self.atoms = atoms
    }

    public func kind(beside first: ComparisonColumn) -> Kind { hash == first.hash ? .nested : .trained }

    /// The atoms of this column paired with those of the first, stack by stack; empty where either has none.
    public func matching(with first: ComparisonColumn) -> [AtomMatching] {
        first.atoms.compactMap { own in
            atoms.first { $0.stack == own.stack }.map { AtomMatching(own, $0) }
        }
    }
}

/// What every column is asked about an image.
public struct ComparisonRequest: Sendable, Equatable {
    public var wantsCaption: Bool
    public var question: String?
    public var phrase: String?
    /// How many answers to list, at least 1.
    public var candidates: Int
    /// Runs the prefix once untimed, so that what depends on weights, grid and prompt length alone is not timed.
    /// Where medians are taken it need not.
    public var warmsUp: Bool

    public init(
        wantsCaption: Bool = true, question: String? = nil, phrase: String? = nil, candidates: Int = 5, warmsUp: Bool = true
    ) {
        self.wantsCaption = wantsCaption
        self.question = question
        self.phrase = phrase
        self.candidates = candidates
        self.warmsUp = warmsUp
    }

    /// What it takes to meet it, what was asked in words first.
    var jobs: [ModelConfig.Job] {
        (question == nil ? [] : [.vqa]) + (phrase == nil ? [] : [.ground]) + (wantsCaption ? [.caption] : [])
    }
}

/// What one column put out; `nil` for what was not asked or its checkpoint was not trained for. Captions are greedy.
public struct ColumnOutput: Sendable, Equatable {
    /// The milliseconds of these three count fusion and head, not the vision stack.
    public let caption: Captioning?
    public let answer: Answering?
    public let box: Grounding?
    /// Patch embedding and vision stack.
    public let visionMilliseconds: Double
    /// Of the vision stack and of everything asked: see `ModelCosts`.
    public let operations: OperationCount
    /// The most that decoding carried from token to token.
    public let stateBytes: Int
    /// Share of the energy of the image tokens, as this K's vision stack left them, that its atoms leave out:
    /// |X - A S|^2 / |X|^2 at the best S, 0 to 1. `nil` for the attention twin.
    public let reconstructionError: Float?

    public init(
        caption: Captioning? = nil, answer: Answering? = nil, box: Grounding? = nil, visionMilliseconds: Double,
        operations: OperationCount, stateBytes: Int, reconstructionError: Float?
    ) {
        self.caption = caption
        self.answer = answer
        self.box = box
        self.visionMilliseconds = visionMilliseconds
        self.operations = operations
        self.stateBytes = stateBytes
        self.reconstructionError = reconstructionError
    }

    /// Vision stack and everything asked.
    public var milliseconds: Double {
        [caption?.milliseconds, answer?.milliseconds, box?.milliseconds].reduce(visionMilliseconds) { $0 + ($1 ?? 0) }
    }
}

/// How far an output agrees with the first column's; `nil` where it was not asked.
public struct ColumnAgreement: Sendable, Codable, Equatable {
    public let sameAnswer: Bool?
    /// The very same text.
    public let sameCaption: Bool?
    /// Words in common: 2 |A and B| / (|A| + |B|), words counted as often as they stand there; 1 for two empty texts.
    public let captionOverlap: Double?
    /// Intersection over union of the boxes.
    public let boxIoU: Double?

    public init(_ first: ColumnOutput, _ other: ColumnOutput) {
        func both<Value, Result>(_ key: (ColumnOutput) -> Value?, _ body: (Value, Value) -> Result) -> Result? {
            guard let a = key(first), let b = key(other) else { return nil }
            return body(a, b)
        }
        sameAnswer = both(\.answer?.answer) { $0 == $1 }
        sameCaption = both(\.caption?.caption) { $0 == $1 }
        captionOverlap = both(\.caption?.caption, Self.overlap)
        boxIoU = both(\.box?.box) { $0.intersectionOverUnion($1) }
    }

    /// Boxes that share less than this disagree.
    public static let leastIoU = 0.5

    /// Another answer, another caption, or a box elsewhere.
    public var isDisagreement: Bool {
        sameAnswer == false || sameCaption == false || (boxIoU ?? 1) < Self.leastIoU
    }

    static func overlap(_ a: String, _ b: String) -> Double {
        let a = a.split(whereSeparator: \.isWhitespace), b = b.split(whereSeparator: \.isWhitespace)
        guard a.count + b.count > 0 else { return 1 }
        var counts: [Substring: Int] = [:]
        for word in a { counts[word, default: 0] += 1 }
        var shared = 0
        for word in b where counts[word, default: 0] > 0 {
            counts[word]! -= 1
            shared += 1
        }
        return 2 * Double(shared) / Double(a.count + b.count)
    }
}

extension PixelBox {
    /// 0 to 1; 1 for two equal boxes, empty ones too.
    public func intersectionOverUnion(_ other: PixelBox) -> Double {
        guard self != other else { return 1 }
        let across = min(x + width, other.x + other.width) - max(x, other.x)
        let down = min(y + height, other.y + other.height) - max(y, other.y)
        let shared = max(0, across) * max(0, down)
        let whole = width * height + other.width * other.height - shared
        return whole > 0 ? shared / whole : 0
    }
}

/// Columns that were asked the same.
public struct Comparison: Sendable, Equatable {
    public struct Column: Sendable, Equatable {
        public let column: ComparisonColumn
        public let kind: ComparisonColumn.Kind
        public let output: ColumnOutput
        /// With the first column; `nil` for itself.
        public let agreement: ColumnAgreement?
    }

    public let columns: [Column]

    /// - Parameter outputs: one for each of the columns, at least one.
    public init(_ columns: [ComparisonColumn], outputs: [ColumnOutput]) {
        precondition(columns.count == outputs.count && !columns.isEmpty, "\(columns.count) columns, \(outputs.count) outputs")
        self.columns = zip(columns, outputs).enumerated().map { i, pair in
            Column(
                column: pair.0, kind: pair.0.kind(beside: columns[0]), output: pair.1,
                agreement: i == 0 ? nil : ColumnAgreement(outputs[0], pair.1))
        }
    }

    /// Whether any column disagrees with the first.
    public var isDisagreement: Bool { columns.contains { $0.agreement?.isDisagreement == true } }
}
