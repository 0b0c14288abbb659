// Batches of scenes drawn on the fly: a pure function of run seed and step, so that a resumed run sees the very
// images it would have seen.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// The auxiliary target of one patch: which object covers it and what that looks like.
struct PatchTarget {
    var classes: [Int]
    /// From the patch's centre to the object's, in patches.
    var offset: (x: Float, y: Float)
    var covered: Bool
}

/// Centres of the first and the last object a question names, as shares of the image.
struct Referents {
    var centres: [Float] = [0, 0, 0, 0]
    /// 1 for a coordinate that is known.
    var known: [Float] = [0, 0, 0, 0]

    init() {}

    /// - Parameter places: x and y of one or two things, as shares of the image's sides.
    init(_ places: [(Float, Float)]) {
        for (i, (x, y)) in places.prefix(2).enumerated() { place(x, y, at: 2 * i) }
    }

    /// Finds the scene's referring phrases in a question.
    init(_ question: String, _ scene: Scene, phrases: [(phrase: String, objectIndex: Int)]) {
        var found: [(start: String.Index, length: Int, object: Int)] = []
        for (phrase, object) in phrases {
            guard let range = question.range(of: phrase) else { continue }
            found.append((range.lowerBound, phrase.count, object))
        }
        // "the red circle" holds no other phrase at its place that is longer: of those that start together the longest.
        guard let first = found.min(by: { ($0.start, $1.length) < ($1.start, $0.length) }) else { return }
        place(scene.objects[first.object], at: 0)
        guard let last = found.max(by: { ($0.start, $0.length) < ($1.start, $1.length) }), last.start != first.start else { return }
        place(scene.objects[last.object], at: 2)
    }

    private mutating func place(_ object: SceneObject, at i: Int) {
        place(Float(object.x) / Float(Scene.side), Float(object.y) / Float(Scene.side), at: i)
    }

    private mutating func place(_ x: Float, _ y: Float, at i: Int) {
        centres[i] = x
        centres[i + 1] = y
        known[i] = 1
        known[i + 1] = 1
    }
}

/// Draws batches of scenes.
struct SceneBatchSource: BatchSource {
    let tokenizer: Tokenizer
    let config: TrainingConfig
    let answers = SceneVocabulary.answers

    init(config: TrainingConfig) throws {
        tokenizer = try Tokenizer.train(
            texts: SceneVocabulary.sampleTexts(), vocabularySize: config.model.vocabularySize, normalization: [.lowercase])
        guard config.model.imageSize == Scene.side else {
            throw TrainingError.config(
                path: config.name, problem: "scenes are \(Scene.side) pixels wide but the model expects \(config.model.imageSize)")
        }
        self.config = config
    }

    func batch(stage: TrainingStage, images range: Range<Int>) -> TrainingBatch {
        var builder = BatchBuilder(config.model)
        var patchTargets: [PatchTarget] = [], brighterSides: [Int] = [], referents: [Referents] = []
        for index in range {
            let scene = Scene.draw(split: .train, seed: config.seed, index: index, maxObjects: stage.maxObjects)
            let rendered = scene.render()
            builder.add(rendered.image)
            patchTargets += Self.patchTargets(rendered, patch: config.model.patchSize)
            brighterSides.append(scene.brighterSide.number)
            var random = SceneRandom(split: .train, seed: config.seed, index: index, purpose: .questions)
            let phrases = scene.referringPhrases()
            for _ in 0..<stage.captions { builder.addCaption(tokenizer.encode(scene.caption())) }
            for question in questions(about: scene, stage, using: &random) {
                guard let answer = SceneVocabulary.answerNumber(question.answer) else { continue }
                referents.append(Referents(question.text, scene, phrases: phrases))
                builder.addQuestion(tokenizer.encode(question.text), answer: answer)
            }
            for _ in 0..<stage.groundings where !phrases.isEmpty {
                let choice = random.pick(phrases), box = rendered.boxes[choice.objectIndex]
                builder.addGrounding(
                    tokenizer.encode(choice.phrase),
                    box: BoxTarget(
                        x: Float(box.x), y: Float(box.y), width: Float(box.width), height: Float(box.height),
                        side: Float(Scene.side)))
            }
        }
        var batch = builder.batch()
        (batch.patches, batch.brighterSides, batch.referents) = (patchTargets, brighterSides, referents)
        (batch.backgroundWeight, batch.referentWeight) = (Float(stage.background ?? 0), Float(stage.referents ?? 0))
        return batch
    }

    /// The stage's questions: dealt evenly, or drawn by the stage's weights (a kind a scene has no question for is
    /// drawn again).
    private func questions(about scene: Scene, _ stage: TrainingStage, using random: inout SceneRandom) -> [SceneQuestion] {
        guard let weights = stage.kindWeights else { return scene.questions(count: stage.questions, using: &random) }
        let kinds = QuestionKind.allCases, shares = kinds.map { weights[$0.rawValue] ?? 1 }, total = shares.reduce(0, +)
        var list: [SceneQuestion] = []
        while list.count < stage.questions {
            var point = random.unit() * total, chosen = QuestionKind.tone
            for (kind, share) in zip(kinds, shares) {
                point -= share
                if point < 0 {
                    chosen = kind
                    break
                }
            }
            if let question = scene.question(chosen, using: &random) { list.append(question) }
        }
        return list
    }

    private static func patchTargets(_ rendered: RenderedScene, patch: Int) -> [PatchTarget] {
        guard let labels = try? rendered.patchLabels(patch: patch) else {
            preconditionFailure("a config whose patches do not divide the scene passed validation")
        }
        let grid = Scene.side / patch
        return labels.enumerated().map { i, label in
            let classes = [label.shape, label.colour, label.texture, label.size, label.digit]
            guard let object = label.object else { return PatchTarget(classes: classes, offset: (0, 0), covered: false) }
            let centre = { (index: Int) in Float(index) + 0.5 }
            let o = rendered.scene.objects[object]
            return PatchTarget(
                classes: classes,
                offset: (Float(o.x) / Float(patch) - centre(i % grid), Float(o.y) / Float(patch) - centre(i / grid)),
                covered: true)
        }
    }
}
