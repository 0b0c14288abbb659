// One exchange with the model and what was measured of it afterwards: plain values.

import SpectralEngine
import SpectralLens
import SpectralModel
import SpectralScreen

/// What the prompt line asks for.
public enum AskTask: String, Hashable, Sendable, CaseIterable {
    case ask, caption, ground

    /// Whether it needs words from the prompt line.
    public var takesWords: Bool { self != .caption }

    /// The one after it of those given; the first after the last.
    func next(of all: [AskTask]) -> AskTask {
        guard let place = all.firstIndex(of: self) else { return all.first ?? self }
        return all[(place + 1) % all.count]
    }

    /// What a checkpoint does that was trained for it.
    var deed: String {
        switch self {
        case .ask: "answers questions"
        case .caption: "writes captions"
        case .ground: "finds things"
        }
    }
}

/// Everything that decides an answer.
public struct TurnRequest: Hashable, Sendable {
    public let imagePath: String
    public let task: AskTask
    /// Empty for a caption.
    public let prompt: String
    /// Vision atoms; nil for all the checkpoint has.
    public let k: Int?
}

/// A question, what came of it, and what its atoms did.
public struct Turn: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        /// Handed to the engine, which may be busy.
        case waiting
        case running
        case done
        case cancelled
        /// One line that says what to do.
        case failed(String)
    }

    /// Counts up from 1 through the run of the program.
    public let id: Int
    public let request: TurnRequest
    /// The turn this one was asked again from, perhaps with other words.
    public let parent: Int?
    public var status: Status = .waiting
    /// Vision atoms really used.
    public var k: Int?
    public var warnings: [String] = []
    public var tokens: [WrittenToken] = []
    public var candidates: [TextCandidate] = []
    /// In pixels of the image.
    public var box: PixelBox?
    public var caption: String?
    public var milliseconds: Double?
    public var measurement = Measurement()

    public init(id: Int, request: TurnRequest, parent: Int? = nil) {
        self.id = id
        self.parent = parent
        self.request = request
    }

    /// The K of the answer, where it is another than the one in force.
    func otherK(than state: WorkbenchState) -> Int? { k == state.k ?? state.facts?.visionAtoms ? nil : k }

    /// The warning that the image is unlike the training images.
    var unfamiliarity: String? { warnings.first { $0.hasPrefix(FamiliarityReading.warningBegins) } }

    public var isUnderWay: Bool { status == .waiting || status == .running }

    /// The output in words; nil before there is one.
    public var answer: String? {
        switch request.task {
        case .ask: candidates.first?.text
        case .caption: caption ?? (tokens.isEmpty ? nil : tokens.map(\.text).joined())
        case .ground: box.map(Self.words)
        }
    }

    static func words(_ box: PixelBox) -> String {
        "box at \(pixels(box.x)), \(pixels(box.y)), \(pixels(box.width)) x \(pixels(box.height)) pixels"
    }

    private static func pixels(_ value: Double) -> String { Figure.fixed(value, value < 100 ? 1 : 0) }
}

/// What muting atoms one by one told about an answer.
public struct Measurement: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        case none, running, done
        /// Stopped before the end; the turn can be measured again.
        case stopped
        case failed(String)
    }

    public var status = Status.none
    /// Stacks measured so far.
    public var stacks: [AtomStack] = []
    /// Largest effect first, of all stacks measured so far.
    public var atoms: [AtomRow] = []
    /// "nats", or "IoU" for a box.
    public var unit = "nats"
    /// Score of the answer with all atoms, in `unit`.
    public var baseline: Float = 0
    /// Words (rows) and fusion atoms (columns), as `alignment` shows them.
    public var words: [String] = []
    public var alignedAtoms: [Int] = []
    public var alignment: Heatmap?
    public var angles: Heatmap?
    /// Words against all fusion atoms, and words against patches over all of them.
    public var phase: PhaseAlignment?
    public var patchWords: WordPatchAlignment?
    /// What output words read of patches.
    public var reading: WordReading?
}

/// One atom and what it did for one answer.
public struct AtomRow: Equatable, Sendable {
    public let address: AtomAddress
    /// Cycles per patch along x and y and per token along the text; nil where the stack has no such axis.
    public let u: Float?
    public let v: Float?
    public let t: Float?
    /// nil for DC.
    public let period: Float?
    /// "patches" or "tokens".
    public let periodUnit: String
    /// Score of the answer with the atom less that without it.
    public let effect: Float
    /// Mean over layers of its share of the stack's energy.
    public let energyShare: Float?
    /// "dead", "duplicate of 12", "near Nyquist" or empty.
    public let flags: String
    /// In fusion, by layer: the image's part in what fed the atom; else empty.
    public var imageParts: [Float] = []
}

/// A closer look at one atom of one answer.
public struct AtomView: Equatable, Sendable {
    public let turn: Int
    public let address: AtomAddress
    /// Index of the word that `patches` is about; nil for the whole question.
    public let word: Int?
    /// Log-magnitude spectra, in the order the key steps through them; never empty.
    public let spectra: [NamedMap]
    /// Alignment of patches with the word or question; nil for what has no place in fusion.
    public let patches: NamedMap?
}

/// A heatmap with a name for its frame.
public struct NamedMap: Equatable, Sendable {
    public let name: String
    public let map: Heatmap

    public init(name: String, map: Heatmap) {
        self.name = name
        self.map = map
    }
}
