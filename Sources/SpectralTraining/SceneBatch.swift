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

/// One worker's share of a step.
struct TrainingBatch {
    let input: ModelInput
    /// Rows of the packed suffix whose next token is trained, and those tokens.
    let captionRows: [Int]
    let captionTargets: [Int]
    /// `<cls>` rows and answers.
    let answerRows: [Int]
    let answerTargets: [Int]
    let boxRows: [Int]
    let boxTargets: [BoxTarget]
    let patches: [PatchTarget]
    /// For each image, the side on which its background is brighter, as a class.
    let brighterSides: [Int]
    /// Weight of that target.
    let backgroundWeight: Float
    /// For each of `answerRows`, where the things are that its question names.
    let referents: [Referents]
    let referentWeight: Float
}

/// Centres of the first and the last object a question names, as shares of the image.
struct Referents {
    var centres: [Float] = [0, 0, 0, 0]
    /// 1 for a coordinate that is known.
    var known: [Float] = [0, 0, 0, 0]

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
        centres[i] = Float(object.x) / Float(Scene.side)
        centres[i + 1] = Float(object.y) / Float(Scene.side)
        known[i] = 1
        known[i + 1] = 1
    }
}

/// Draws batches of scenes.
struct SceneBatchSource: Sendable {
    let tokenizer: Tokenizer
    let config: TrainingConfig
    private let answers: [String: Int]
    private let taskTokens: (caption: Int, question: Int, grounding: Int)
    private let cls: Int
    private let eos: Int

    init(tokenizer: Tokenizer, config: TrainingConfig) {
        self.tokenizer = tokenizer
        self.config = config
        answers = Dictionary(uniqueKeysWithValues: SceneVocabulary.answers.enumerated().map { ($1, $0) })
        taskTokens = (SpecialToken.caption.rawValue, SpecialToken.vqa.rawValue, SpecialToken.ground.rawValue)
        cls = SpecialToken.cls.rawValue
        eos = SpecialToken.eos.rawValue
    }

    /// Images `range` of the run (counted over all steps) with the stage's sequences.
    func batch(stage: TrainingStage, images range: Range<Int>) -> TrainingBatch {
        let side = config.model.imageSize / config.model.patchSize
        var patches: [Float] = []
        var imageOf: [Int] = [], prompts: [[Int]] = [], suffixes: [[Int]] = []
        var captionRows: [Int] = [], captionTargets: [Int] = [], answerRows: [Int] = [], answerTargets: [Int] = []
        var boxRows: [Int] = [], boxTargets: [BoxTarget] = [], patchTargets: [PatchTarget] = [], brighterSides: [Int] = []
        var referents: [Referents] = []
        var row = 0
        func add(_ image: Int, _ prompt: [Int], _ suffix: [Int]) {
            imageOf.append(image)
            prompts.append(prompt)
            suffixes.append(suffix)
            row += suffix.count
        }
        for (b, index) in range.enumerated() {
            let scene = Scene.draw(split: .train, seed: config.seed, index: index, maxObjects: stage.maxObjects)
            let rendered = scene.render()
            PatchGrid.append(rendered.image, patch: config.model.patchSize, to: &patches)
            patchTargets += Self.patchTargets(rendered, patch: config.model.patchSize)
            brighterSides.append(scene.brighterSide.number)
            var random = SceneRandom(split: .train, seed: config.seed, index: index, purpose: .questions)
            let phrases = scene.referringPhrases()
            for _ in 0..<stage.captions {
                let tokens = tokenizer.encode(scene.caption())
                for (i, target) in (tokens + [eos]).enumerated() {
                    captionRows.append(row + i)
                    captionTargets.append(target)
                }
                add(b, [taskTokens.caption], [cls] + tokens)
            }
            for question in questions(about: scene, stage, using: &random) {
                guard let answer = answers[question.answer] else { continue }
                answerRows.append(row)
                referents.append(Referents(question.text, scene, phrases: phrases))
                answerTargets.append(answer)
                add(b, [taskTokens.question] + tokenizer.encode(question.text), [cls])
            }
            for _ in 0..<stage.groundings where !phrases.isEmpty {
                let choice = random.pick(phrases), box = rendered.boxes[choice.objectIndex]
                boxRows.append(row)
                boxTargets.append(
                    BoxTarget(
                        x: Float(box.x), y: Float(box.y), width: Float(box.width), height: Float(box.height),
                        side: Float(Scene.side)))
                add(b, [taskTokens.grounding] + tokenizer.encode(choice.phrase), [cls])
            }
        }
        let layout = SequenceLayout(
            gridWidth: side, gridHeight: side, imageCount: range.count, imageOf: imageOf,
            promptLengths: prompts.map(\.count), suffixLengths: suffixes.map(\.count))
        let width = 3 * config.model.patchSize * config.model.patchSize
        return TrainingBatch(
            input: ModelInput(
                layout: layout, patches: Tensor(rows: range.count * side * side, columns: width, patches),
                prompts: prompts.flatMap { $0 }, suffixes: suffixes.flatMap { $0 }),
            captionRows: captionRows, captionTargets: captionTargets, answerRows: answerRows,
            answerTargets: answerTargets, boxRows: boxRows, boxTargets: boxTargets, patches: patchTargets,
            brighterSides: brighterSides, backgroundWeight: Float(stage.background ?? 0),
            referents: referents, referentWeight: Float(stage.referents ?? 0))
    }

    /// The stage's questions: dealt evenly, or drawn by the stage's weights (a kind a scene has no question for is
    /// drawn again).
    private func questions(about scene: Scene, _ stage: TrainingStage, using random: inout SceneRandom) -> [SceneQuestion] {
        guard let weights = stage.kindWeights else { return scene.questions(count: stage.questions, using: &random) }
        let kinds = QuestionKind.allCases, shares = kinds.map { weights[$0.rawValue] ?? 1 }, total = shares.reduce(0, +)
        var list: [SceneQuestion] = []
        while list.count < stage.questions {
            var point = Double(random.next() >> 11) / 9_007_199_254_740_992 * total, chosen = QuestionKind.tone
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
