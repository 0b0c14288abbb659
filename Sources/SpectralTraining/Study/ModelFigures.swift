// What a model at one K costs and what it gets right: a row of every table about K and about ablations.

import Foundation
import SpectralFormats
import SpectralModel

/// One model at one K, measured once.
public struct ModelFigures: Codable, Sendable, Equatable {
    public struct Score: Codable, Sendable, Equatable {
        public var name: String
        public var value: Double
    }

    /// Vision atoms used.
    public var k: Int
    /// Numbers in the weights that so many atoms leave in use.
    public var parameters: Int
    /// For one image and one question or caption of stated length; see `ModelCosts`.
    public var gflops: Double
    /// Median for one image and one question or caption.
    public var milliseconds: Double
    /// The most that decoding carries from token to token.
    public var stateBytes: Int
    public var scores: [Score]
}

/// What models are measured on.
public enum FiguresData: Sendable {
    /// Held-out scenes of the dev split.
    case scenes(count: Int, seed: UInt64, maxObjects: Int)
    /// Captioned images, with the paths they lie at.
    case captions([CaptionedImage], paths: [String])

    /// The lengths that GFLOPs are counted for, in tokens.
    static let promptTokens = 8, captionTokens = 12
    /// Images that are timed.
    static let timed = 24

    /// What the figures are of, in words.
    public var note: String {
        switch self {
        case .scenes(let count, let seed, let maxObjects):
            "Scores on \(count) held-out scenes of 1 to \(maxObjects) objects, seed \(seed), relations being the questions of how two things "
                + "lie; GFLOPs and milliseconds for one image "
                + "and one question, of \(Self.promptTokens) tokens where they are counted."
        case .captions(let images, _):
            "Scores of greedy captions of \(images.count) images, and how often the next token of the captions that people wrote "
                + "was foretold, with its cross-entropy, there and with the next image in place of theirs (tokens are the checkpoint's "
                + "own, and unreadable images left out); GFLOPs and milliseconds for one image and its caption, of "
                + "\(Self.captionTokens) tokens where they are counted."
        }
    }
}

extension LoadedModel {
    /// Measures this model at one K.
    ///
    /// - Parameters:
    ///   - k: vision atoms, 1 to the checkpoint's own.
    ///   - unreadable: told of each image that cannot be read; its caption is empty and counts.
    /// - Returns: without scores of jobs that the weights were not trained for.
    public func figures(_ data: FiguresData, k: Int, unreadable: (String) -> Void = { _ in }) -> ModelFigures {
        let costs = ModelCosts(config, k: k)
        var figures = ModelFigures(
            k: k, parameters: config.parameterCount(of: parameterCount, k: k), gflops: 0, milliseconds: 0, stateBytes: 0, scores: [])
        switch data {
        case .scenes(let count, let seed, let maxObjects):
            let made = evaluate(
                SceneEvaluationPlan(split: .dev, seed: seed, images: count, maxObjects: maxObjects, k: k))
            if made.vqa.asked > 0 { figures.scores.append(.init(name: "VQA %", value: 100 * made.vqa.share)) }
            if let relations = made.kinds[QuestionKind.relation.rawValue] {
                figures.scores.append(.init(name: "relations %", value: 100 * relations.share))
            }
            if made.captions.asked > 0 { figures.scores.append(.init(name: "captions right %", value: 100 * made.captions.share)) }
            if made.groundings > 0 { figures.scores.append(.init(name: "IoU", value: made.groundingIoU)) }
            figures.gflops = (costs.vision + costs.answer(prompt: FiguresData.promptTokens)).billions
            figures.stateBytes = costs.stateBytes(prompt: FiguresData.promptTokens, steps: 1)
            figures.milliseconds = Quantile.median((0..<FiguresData.timed).map { index in
                let scene = Scene.draw(split: .dev, seed: seed, index: index, maxObjects: maxObjects)
                let image = scene.render().image, question = scene.questions(count: 1).first?.text ?? ""
                return time { _ = answer(see(image, k: k), question: question) }
            })
        case .captions(let images, let paths):
            var texts: [String] = []
            let located = paths.enumerated().map { (id: $0.offset, path: $0.element) }
            try? writeCaptions(of: located, OutputPlan(k: k), unreadable: unreadable) { batch in
                texts += batch.map(\.text)
                return true
            }
            let scores = CaptionScores.score(zip(texts, images).map { ScoredCaption(candidate: $0, references: $1.captions) }).corpus
            let likelihood = likelihood(of: images, paths: paths, k: k)
            // Each image's captions beside the next image: what of the words the image does not tell.
            let blind = self.likelihood(of: images, paths: Array(paths.dropFirst() + paths.prefix(1)), k: k)
            figures.scores = [
                .init(name: "BLEU-4", value: scores.bleu[3]), .init(name: "ROUGE-L", value: scores.rougeL),
                .init(name: "CIDEr-D", value: scores.ciderD), .init(name: "next token %", value: 100 * likelihood.share),
                .init(name: "nats a token", value: likelihood.nats), .init(name: "with another image", value: blind.nats),
            ]
            figures.gflops = (costs.vision + costs.caption(prompt: 1, steps: FiguresData.captionTokens)).billions
            figures.stateBytes = costs.stateBytes(prompt: 1, steps: FiguresData.captionTokens)
            figures.milliseconds = Quantile.median(paths.prefix(FiguresData.timed).compactMap { path in
                guard let image = try? ImageFile.load(path) else { return nil }
                return time { _ = caption(see(image, k: k)) }
            })
        }
        return figures
    }

    private func time(_ body: () -> Void) -> Double {
        let start = ContinuousClock.now
        body()
        return Self.milliseconds(since: start)
    }
}
