// What a checkpoint gets right on held-out scenes, by question kind.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// What to measure.
public struct SceneEvaluationPlan: Sendable {
    public var split: SceneSplit
    public var seed: UInt64
    public var images: Int
    public var questionsPerImage: Int
    /// 1 to 4.
    public var maxObjects: Int
    /// Vision atoms; `nil` for all.
    public var k: Int?
    /// Shows the model a uniformly grey image instead: what can be answered without seeing.
    public var blank: Bool

    public init(
        split: SceneSplit = .dev, seed: UInt64 = 0, images: Int = 2000, questionsPerImage: Int = 10,
        maxObjects: Int = Scene.mostObjects, k: Int? = nil,
        blank: Bool = false
    ) {
        self.split = split
        self.seed = seed
        self.images = images
        self.questionsPerImage = questionsPerImage
        self.maxObjects = maxObjects
        self.k = k
        self.blank = blank
    }
}

/// Right answers out of asked.
public struct Score: Codable, Sendable, Equatable {
    public var right = 0
    public var asked = 0

    public var share: Double { asked == 0 ? 0 : Double(right) / Double(asked) }

    mutating func add(_ isRight: Bool) {
        asked += 1
        if isRight { right += 1 }
    }
}

/// One row of `eval.json`.
public struct SceneEvaluation: Codable, Sendable {
    public var split: String
    public var seed: UInt64
    public var images: Int
    public var k: Int
    public var blank: Bool
    public var vqa = Score()
    public var kinds: [String: Score] = [:]
    /// Captions every claim of which is true.
    public var captions = Score()
    /// Single claims: object phrases that are true of some object.
    public var captionObjects = Score()
    public var groundingIoU = 0.0
    public var groundings = 0
    public var seconds = 0.0
}

extension LoadedModel {
    /// Asks, captions and grounds generated scenes, as far as the weights were trained to.
    ///
    /// - Parameter progress: images done so far.
    public func evaluate(_ plan: SceneEvaluationPlan, progress: (Int) -> Void = { _ in }) -> SceneEvaluation {
        let start = ContinuousClock.now, batch = 16
        let k = min(plan.k ?? config.visionAtoms, config.visionAtoms)
        var result = SceneEvaluation(
            split: plan.split.rawValue, seed: plan.seed, images: plan.images, k: k, blank: plan.blank)
        var iou = 0.0
        for first in stride(from: 0, to: plan.images, by: batch) {
            let scenes = (first..<min(first + batch, plan.images)).map {
                Scene.draw(split: plan.split, seed: plan.seed, index: $0, maxObjects: plan.maxObjects)
            }
            let rendered = scenes.map { $0.render() }
            let seen = see(rendered.map(\.image), k: k, blank: plan.blank)
            if config.does(.vqa) { answer(scenes, seen, plan.questionsPerImage, into: &result) }
            if config.does(.caption) { caption(scenes, seen, into: &result) }
            if config.does(.ground) { iou += ground(rendered, seen, into: &result) }
            progress(min(first + batch, plan.images))
        }
        result.groundingIoU = result.groundings == 0 ? 0 : iou / Double(result.groundings)
        result.seconds = (ContinuousClock.now - start) / .seconds(1)
        return result
    }

    private func answer(_ scenes: [Scene], _ seen: SeenBatch, _ count: Int, into result: inout SceneEvaluation) {
        let questions = scenes.map { $0.questions(count: count) }
        let asked = questions.enumerated().flatMap { image, list in list.map { (image: image, question: $0) } }
        let probabilities = answerProbabilities(
            seen, imageOf: asked.map(\.image), questions: asked.map(\.question.text))
        for (row, item) in zip(probabilities, asked) {
            let best = row.indices.max { row[$0] < row[$1] }!
            let isRight = answers[best] == item.question.answer
            result.vqa.add(isRight)
            result.kinds[item.question.kind.rawValue, default: Score()].add(isRight)
        }
    }

    private func caption(_ scenes: [Scene], _ seen: SeenBatch, into result: inout SceneEvaluation) {
        for (scene, text) in zip(scenes, greedyCaptions(seen, count: scenes.count)) {
            let verdict = CaptionJudge.judge(text, against: scene)
            result.captions.add(verdict.fullyRight)
            if let first = verdict.firstIsTrue { result.captionObjects.add(first) }
            if let second = verdict.secondIsTrue { result.captionObjects.add(second) }
        }
    }

    private func ground(_ rendered: [RenderedScene], _ seen: SeenBatch, into result: inout SceneEvaluation) -> Double {
        let asked = rendered.enumerated().compactMap { image, scene -> (image: Int, phrase: String, box: SceneBox)? in
            var random = SceneRandom(
                split: scene.scene.split, seed: scene.scene.seed, index: scene.scene.index, purpose: .grounding)
            let phrases = scene.scene.referringPhrases()
            guard !phrases.isEmpty else { return nil }
            let choice = random.pick(phrases)
            return (image, choice.phrase, scene.boxes[choice.objectIndex])
        }
        guard !asked.isEmpty else { return 0 }
        let boxes = boxShares(seen, imageOf: asked.map(\.image), phrases: asked.map(\.phrase))
        result.groundings += asked.count
        return zip(boxes, asked).reduce(0) { sum, pair in
            let box = pair.1.box
            let truth = BoxTarget(
                x: Float(box.x), y: Float(box.y), width: Float(box.width), height: Float(box.height), side: Float(Scene.side))
            return sum + Double(Losses.generalisedIoU(pair.0, truth.values).iou)
        }
    }
}
