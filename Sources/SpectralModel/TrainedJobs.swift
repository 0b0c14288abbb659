// What a checkpoint can be asked for: a model that only ever wrote captions would still pick some answer.

import SpectralFormats

/// A job that a checkpoint's weights were not trained for.
public struct UntrainedJob: Error, CustomStringConvertible, Equatable {
    public let job: ModelConfig.Job
    public let trained: [ModelConfig.Job]
    /// What the checkpoint is called, where several are asked.
    public var checkpoint: String?

    public var description: String {
        let name = checkpoint.map { MessageText.printable($0) } ?? "this checkpoint"
        return "\(name) was not trained to \(job.words), it was to \(trained.map(\.words).joined(separator: " and to ")); "
            + "choose another checkpoint for that"
    }
}

extension ModelConfig.Job {
    /// The job as the rest of "trained to".
    public var words: String {
        switch self {
        case .caption: "write captions"
        case .vqa: "answer questions"
        case .ground: "find things"
        }
    }

    /// The job that a prompt's first token asks for; `nil` for tokens that ask for none.
    public init?(_ token: SpecialToken) {
        switch token {
        case .caption: self = .caption
        case .vqa: self = .vqa
        case .ground: self = .ground
        case .pad, .cls, .eos: return nil
        }
    }
}

extension LoadedModel {
    /// - Throws: `UntrainedJob` where the weights were trained for others only.
    public func require(_ job: ModelConfig.Job) throws(UntrainedJob) {
        guard config.does(job) else { throw UntrainedJob(job: job, trained: config.jobs ?? []) }
    }
}
