// What is asked of an engine, and what it says while it works.

import SpectralFormats
import SpectralModel

/// One job on one image.
public struct EngineRequest: Sendable, Equatable {
    public enum Job: Sendable, Equatable {
        case caption(DecodingStrategy)
        /// `candidates`: how many answers to list, at least 1.
        case ask(question: String, candidates: Int = 5)
        case ground(phrase: String)

        public var kind: ModelConfig.Job {
            switch self {
            case .caption: .caption
            case .ask: .vqa
            case .ground: .ground
            }
        }
    }

    public var job: Job
    public var image: PixelImage
    /// Vision atoms, 1 to the checkpoint's own; `nil` for all of them.
    public var k: Int?

    public init(_ job: Job, image: PixelImage, k: Int? = nil) {
        self.job = job
        self.image = image
        self.k = k
    }

    /// The words that come with the job; `nil` for a caption.
    public var prompt: String? {
        switch job {
        case .caption: nil
        case .ask(let question, _): question
        case .ground(let phrase): phrase
        }
    }
}

/// What came of a request.
public struct EngineResult: Sendable, Equatable {
    public enum Output: Sendable, Equatable {
        case caption(Captioning)
        case answer(Answering)
        case box(Grounding)
    }

    /// Its `milliseconds` count the vision stack too, unless the image had been seen at this K before.
    public let output: Output
    /// Why the output may be wrong, one line each.
    public let warnings: [String]
    /// `nil` when the checkpoint does not tell how its training images look.
    public let familiarity: FamiliarityReading?

    public var milliseconds: Double {
        switch output {
        case .caption(let made): made.milliseconds
        case .answer(let made): made.milliseconds
        case .box(let made): made.milliseconds
        }
    }

    /// Vision atoms used.
    public var k: Int {
        switch output {
        case .caption(let made): made.k
        case .answer(let made): made.k
        case .box(let made): made.k
        }
    }
}

extension EngineResult.Output {
    /// False where the weights overflowed on the way.
    var isFinite: Bool {
        switch self {
        case .caption(let made): made.tokens.allSatisfy { $0.probability.isFinite }
        case .answer(let made): made.candidates.allSatisfy { $0.probability.isFinite }
        case .box(let made): [made.box.x, made.box.y, made.box.width, made.box.height].allSatisfy(\.isFinite)
        }
    }
}

/// In order: `started`, any `warning`s, what the job makes, then `finished`, or `failed` in place of all that is left.
/// A cancelled request ends without either.
public enum EngineEvent: Sendable, Equatable {
    /// The engine turned to this request. `k`: vision atoms used.
    case started(k: Int)
    /// Why the output may be wrong, one line.
    case warning(String)
    /// The next token of a caption. With beam search they all come once the best text is known.
    case token(WrittenToken)
    /// Answers, best first.
    case candidates([TextCandidate])
    /// In pixels of the image given.
    case box(PixelBox)
    case finished(EngineResult)
    /// One line that says what to do.
    case failed(String)
}
