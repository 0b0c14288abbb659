// One worker's share of a step, and how images and sequences are packed into it.

import SpectralFormats
import SpectralKernels
import SpectralModel

/// Draws the batches of a run: each a pure function of the run's seed and of the images' numbers, so that a resumed run
/// sees the very images it would have seen.
protocol BatchSource: Sendable {
    var tokenizer: Tokenizer { get }
    /// In the order of the answer head's outputs; at least one.
    var answers: [String] { get }
    /// Every word of the texts, in lower case; `nil` where `tokenizer` was learned from them.
    var words: Set<String>? { get }
    /// The words that `TrainingBatch.bags` counts, by their numbers; empty for none.
    var bagWords: [String] { get }
    /// What `TrainingBatch.own` is rewarded by; `nil` where no stage has such.
    var reward: CaptionReward? { get }
    /// Images `range` of the run (counted over all steps) with the stage's sequences.
    func batch(stage: TrainingStage, images range: Range<Int>) -> TrainingBatch
}

extension BatchSource {
    var words: Set<String>? { nil }
    var bagWords: [String] { [] }
    var reward: CaptionReward? { nil }
}

/// One worker's share of a step.
struct TrainingBatch {
    let input: ModelInput
    /// Rows of the packed suffix whose next token is trained, and those tokens.
    var captionRows: [Int] = []
    var captionTargets: [Int] = []
    /// `<cls>` rows and answers.
    var answerRows: [Int] = []
    var answerTargets: [Int] = []
    var boxRows: [Int] = []
    var boxTargets: [BoxTarget] = []
    /// The auxiliary targets of scenes; empty for other images.
    var patches: [PatchTarget] = []
    /// For each image, the side on which its background is brighter, as a class.
    var brighterSides: [Int] = []
    /// Weight of that target.
    var backgroundWeight: Float = 0
    /// For each of `answerRows`, where the things are that its question names.
    var referents: [Referents] = []
    var referentWeight: Float = 0
    /// For each image, the words of its captions, each once; empty where they are no target.
    var bags: [[Int]] = []
    var bagWeight: Float = 0
    var dropout: Dropout?
    /// Captions to be sampled from the prefixes of `input`, one for each image.
    var own: OwnCaptions?
}

/// Packs images, and sequences about the image added last.
struct BatchBuilder {
    private let model: ModelConfig
    private var images = 0
    private var patches: [Float] = []
    private var suffixes: [[Int]] = []
    /// For each suffix, its prefix: an image and a prompt, which the captions of one image share.
    private var prefixOf: [Int] = []
    private var prefixes: [(image: Int, prompt: [Int], longestSuffix: Int)] = []
    private let sharesPrefixes: Bool
    private var captionRows: [Int] = [], captionTargets: [Int] = [], answerRows: [Int] = [], answerTargets: [Int] = []
    private var boxRows: [Int] = [], boxTargets: [BoxTarget] = []
    /// Suffix tokens so far.
    private var row = 0

    private static let cls = SpecialToken.cls.rawValue, eos = SpecialToken.eos.rawValue

    /// - Parameter sharesPrefixes: whether fusion reads an image and a prompt once, however many sequences go on from there.
    init(_ model: ModelConfig, sharesPrefixes: Bool = true) {
        self.model = model
        self.sharesPrefixes = sharesPrefixes
    }

    /// - Parameter image: of the model's size.
    mutating func add(_ image: PixelImage) {
        precondition(image.width == model.imageSize && image.height == model.imageSize, "an image of the model's size")
        PatchGrid.append(image, patch: model.patchSize, to: &patches)
        images += 1
    }

    /// - Parameters:
    ///   - tokens: the caption's; what does not fit the longest suffix is left out.
    ///   - read: what the model reads in their place, one for one; `nil` for the tokens themselves.
    mutating func addCaption(_ tokens: [Int], read: [Int]? = nil) {
        let fits = model.maxSuffix - 1, shown = (read ?? tokens).prefix(fits), targets = tokens.prefix(fits)
        for (i, target) in targets.enumerated() {
            captionRows.append(row + i)
            captionTargets.append(target)
        }
        if tokens.count <= fits {
            captionRows.append(row + targets.count)
            captionTargets.append(Self.eos)
        }
        add(.caption, [], [Self.cls] + shown)
    }

    /// Room for captions that the model writes itself: a prefix from which the longest suffix can go on.
    mutating func addOwnCaptions() {
        prefixes.append((images - 1, [SpecialToken.caption.rawValue], model.maxSuffix))
    }

    mutating func addQuestion(_ tokens: [Int], answer: Int) {
        answerRows.append(row)
        answerTargets.append(answer)
        add(.vqa, tokens, [Self.cls])
    }

    mutating func addGrounding(_ tokens: [Int], box: BoxTarget) {
        boxRows.append(row)
        boxTargets.append(box)
        add(.ground, tokens, [Self.cls])
    }

    private mutating func add(_ task: SpecialToken, _ prompt: [Int], _ suffix: [Int]) {
        let prompt = [task.rawValue] + prompt.prefix(model.maxPrompt - 1), image = images - 1
        // Those that share one come together.
        if sharesPrefixes, let last = prefixes.last, last.image == image, last.prompt == prompt {
            prefixes[prefixes.count - 1].longestSuffix = max(last.longestSuffix, suffix.count)
        } else {
            prefixes.append((image, prompt, suffix.count))
        }
        prefixOf.append(prefixes.count - 1)
        suffixes.append(suffix)
        row += suffix.count
    }

    func batch() -> TrainingBatch {
        let side = model.imageSize / model.patchSize, width = 3 * model.patchSize * model.patchSize
        func layout(_ prefixOf: [Int], _ suffixLengths: [Int]) -> SequenceLayout {
            SequenceLayout(
                gridWidth: side, gridHeight: side, imageCount: images, imageOf: prefixOf.map { prefixes[$0].image },
                promptLengths: prefixOf.map { prefixes[$0].prompt.count }, suffixLengths: suffixLengths)
        }
        let isOne = prefixes.count == prefixOf.count && zip(prefixes, suffixes).allSatisfy { $0.longestSuffix == $1.count }
        return TrainingBatch(
            input: ModelInput(
                layout: layout(prefixOf, suffixes.map(\.count)),
                prefixes: isOne ? nil : (layout(Array(prefixes.indices), prefixes.map(\.longestSuffix)), prefixOf),
                patches: Tensor(rows: images * side * side, columns: width, patches),
                prompts: prefixes.flatMap(\.prompt), suffixes: suffixes.flatMap { $0 }),
            captionRows: captionRows, captionTargets: captionTargets, answerRows: answerRows,
            answerTargets: answerTargets, boxRows: boxRows, boxTargets: boxTargets)
    }
}
