// Which images and texts a run is trained on, other than scenes drawn on the fly.

import SpectralFormats

/// The `data` part of a training config.
public struct TrainingData: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Captions of images: a table of image and caption as of Flickr8k, or a COCO captions file.
        case captions
        /// Questions of easy-VQA.
        case easyVQA = "easy-vqa"
        /// Drawn on the fly: `SortOfClevr`.
        case sortOfClevr = "sort-of-clevr"
    }

    public var kind: Kind
    /// The file of captions or questions, and the folder of its images; the command line's come first.
    public var file = ""
    public var images = ""
    /// Keeps every n-th image, by its place among the images, from training, to be measured on; 0 keeps none.
    public var holdOut = 0
    public var augmentation = Augmentation()
    /// How often a caption's word is read as some other, so that the image has to be looked at.
    public var wordNoise = 0.0
    /// Weight of a further auxiliary target, the words of an image's captions read off the vision stack's output.
    public var bagWeight = 0.0
    /// How many words that target knows: the most frequent, without those in every fifth caption.
    public var bagWords = 1000
    /// How many answers the checkpoint may give: the most frequent.
    public var mostAnswers = 1000
    /// Whether words are spelt as by the checkpoint that a run starts from, which then gives all its weights but those of
    /// the answers; otherwise words are learned from the data, and of a checkpoint that spells them otherwise only the
    /// vision stack is taken.
    public var keepsWords = false
    public var validation = ValidationData()

    public init(kind: Kind) { self.kind = kind }

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        let told = try c.decode(String.self, forKey: .kind)
        guard let known = Kind(rawValue: told) else {
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: c,
                debugDescription: "expected \(Kind.allCases.map(\.rawValue).joined(separator: ", ")), found \(told)")
        }
        kind = known
        file = try c.decodeIfPresent(String.self, forKey: .file) ?? file
        images = try c.decodeIfPresent(String.self, forKey: .images) ?? images
        holdOut = try c.decodeIfPresent(Int.self, forKey: .holdOut) ?? holdOut
        augmentation = try c.decodeIfPresent(Augmentation.self, forKey: .augmentation) ?? augmentation
        wordNoise = try c.decodeIfPresent(Double.self, forKey: .wordNoise) ?? wordNoise
        bagWeight = try c.decodeIfPresent(Double.self, forKey: .bagWeight) ?? bagWeight
        bagWords = try c.decodeIfPresent(Int.self, forKey: .bagWords) ?? bagWords
        mostAnswers = try c.decodeIfPresent(Int.self, forKey: .mostAnswers) ?? mostAnswers
        keepsWords = try c.decodeIfPresent(Bool.self, forKey: .keepsWords) ?? keepsWords
        validation = try c.decodeIfPresent(ValidationData.self, forKey: .validation) ?? validation
    }

    /// These data as a stage varies them.
    func during(_ stage: TrainingStage) -> TrainingData {
        var varied = self
        varied.augmentation = stage.augmentation ?? augmentation
        varied.wordNoise = stage.wordNoise ?? wordNoise
        return varied
    }

    /// - Returns: what is wrong with it, in one line; `nil` for nothing.
    var problem: String? {
        firstProblem(
            outOfRange("data.holdOut", holdOut, 0...1_000_000), augmentation.problem(under: "data."),
            outOfRange("data.wordNoise", wordNoise, 0...1), outOfRange("data.bagWeight", bagWeight, 0...1e6),
            outOfRange("data.bagWords", bagWords, 1...1_000_000), outOfRange("data.mostAnswers", mostAnswers, 1...1_000_000),
            outOfRange("data.validation.count", validation.count, 1...1_000_000))
    }
}

/// An image with what is said and asked about it.
struct TrainingExample: Sendable {
    let image: PixelImage
    var captions: [String] = []
    var questions: [TrainingQuestion] = []
}

struct TrainingQuestion: Sendable {
    let text: String
    let answer: String
    /// Where the things are that it is about, as far as that is known.
    var referents = Referents()
}

/// Where examples come from.
protocol ExampleSet: Sendable {
    /// `nil` where they are drawn without end.
    var count: Int? { get }
    func example(_ index: Int) -> TrainingExample
    /// Where the images lie, if they do.
    var paths: [String] { get }
    /// Texts to learn words from.
    var texts: [String] { get }
    /// Of each image that has any.
    var captions: [[String]] { get }
    /// Answers, the most frequent first.
    var answers: [String] { get }
}

extension ExampleSet {
    var captions: [[String]] { [] }
}
