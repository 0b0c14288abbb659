// The Lens screen: edits on atoms, what they do to the answer in view, and what the same edits do on random atoms.

import SpectralLens
import SpectralModel
import SpectralScreen

/// What to look into about one answer.
public struct LensJob: Hashable, Sendable {
    /// Control i and shuffle i are drawn from it plus i.
    public static let seed: UInt64 = 0

    public let turn: Int
    public let request: TurnRequest
    public let edits: [LensEdit]
    /// How many random sets get the same edits.
    public let controls: Int
    /// Whether to ask about a grey image.
    public let blank: Bool
    /// How many times to ask about the image with its patches in another order.
    public let shuffles: Int

    /// Runs of the model, the baseline's among them.
    var runs: Int { 1 + (edits.isEmpty ? 0 : 1) + (blank ? 1 : 0) + shuffles + controls }
}

/// Atoms to which the same is done, and their share of their stack's energy in the first output.
public struct LensPart: Equatable, Sendable {
    public let part: EditPart
    public let energyShare: Float
}

/// The edits on one random set.
public struct LensControl: Equatable, Sendable {
    public let seed: UInt64
    /// For each part of the edits, ascending.
    public let atoms: [[Int]]
    /// For each part, energy over that of the edit's part; nil where that has none.
    public let energyRatios: [Float?]
    public let isWithinTolerance: Bool
    /// In the unit of the findings.
    public let change: Float
    /// nats; nil for a box.
    public let divergence: Float?
    /// nil for a box.
    public let isSame: Bool?
}

/// The same question about another image.
public struct LensImageTest: Equatable, Sendable {
    public let name: String
    public let isShuffle: Bool
    public let reading: OutputReading
}

/// What comes of a job, in order: the baseline, the edits, other images, controls, the end.
public enum LensNews: Equatable, Sendable {
    /// `unit`: of scores and changes, "nats" or "IoU".
    case baseline(OutputReading, unit: String)
    case edited(OutputReading, [LensPart])
    case image(LensImageTest)
    case control(LensControl)
    /// Why there are fewer controls than were asked for, one line.
    case noMoreControls(String)
    case ended
    /// One line that says what to do.
    case failed(String)
}

/// What is known of a job so far.
public struct LensFindings: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        case running, done, stopped
        /// One line that says what to do.
        case failed(String)
    }

    /// Counts up from 1 with every start.
    public let id: Int
    public let job: LensJob
    public var status = Status.running
    /// "nats" of log-probability, or "IoU" for a box.
    public var unit = "nats"
    public var baseline: OutputReading?
    public var edited: OutputReading?
    public var parts: [LensPart] = []
    public var images: [LensImageTest] = []
    public var controls: [LensControl] = []
    public var controlsProblem: String?

    init(id: Int, job: LensJob) { (self.id, self.job) = (id, job) }

    var runsDone: Int { (baseline == nil ? 0 : 1) + (edited == nil ? 0 : 1) + images.count + controls.count }

    /// Of the edits' change among the controls that there are.
    public var standing: EffectStanding? {
        edited.flatMap { EffectStanding(of: $0.change, among: controls.map(\.change)) }
    }

    mutating func hear(_ news: LensNews) {
        guard status == .running else { return }
        switch news {
        case .baseline(let reading, let unit): (baseline, self.unit) = (reading, unit)
        case .edited(let reading, let parts): (edited, self.parts) = (reading, parts)
        case .image(let test): images.append(test)
        case .control(let control): controls.append(control)
        case .noMoreControls(let line): controlsProblem = line
        case .ended: status = .done
        case .failed(let line): status = .failed(line)
        }
    }
}

/// The state of the Lens screen.
public struct LensScreenState: Equatable, Sendable {
    static let mostControls = 512
    static let shufflesAsked = 8

    /// Stay from answer to answer.
    public var edits: [LensEdit] = []
    public var list = ListState()
    /// An edit while it is being written.
    public var line: PromptLine?
    /// Which edit the line will stand for; nil for a new one.
    var rewritten: Int?
    /// One line when what was written cannot be read.
    public var lineProblem: String?
    public var controls = RandomControls.usualCount
    public var isBlankAsked = false
    public var isShuffleAsked = false
    public var findings: LensFindings?
    var started = 0
    /// Lines scrolled down, of result and controls.
    var scroll: [Pane: Int] = [:]
    public var rank = ListState()
    /// The atom of the ranking that was picked by hand: it stays picked while rows move.
    var rankChoice: AtomAddress?

    public var isRunning: Bool { findings?.status == .running }

    mutating func hear(_ id: Int, _ news: LensNews) {
        if findings?.id == id { findings?.hear(news) }
    }
}

extension LensEdit {
    /// Reads an edit as the command line spells it: `mute vision/17`, `scale fusion/3=0.5`.
    ///
    /// - Throws: `LensEditError.unreadable`.
    init(line: String) throws(LensEditError) {
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else {
            throw .unreadable(
                text: line, expected: "mute, solo, scale or shift and then atoms, such as mute vision/17 or scale fusion/3=0.5")
        }
        do { try self.init(words[0].lowercased(), words[1].filter { $0 != " " }) } catch {
            // As it was written, with its spaces.
            guard case .unreadable(_, let expected) = error else { throw error }
            throw .unreadable(text: String(words[1]), expected: expected)
        }
    }
}
