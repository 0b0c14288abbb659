import Foundation

/// The description of a model: `config.json` of a checkpoint.
///
/// A field is one stored property, one key and one line in `init(from:)`; there it says whether it must be in the
/// file or what it is when the file, written before the field existed, leaves it out.
public struct ModelConfig: Codable, Sendable, Equatable {
    public enum Preset: String, Codable, Sendable, CaseIterable { case gated, paper, attention }
    /// Whether phase biases are trained or stay the sinusoidal codes they begin as.
    public enum PhaseBias: String, Codable, Sendable, CaseIterable { case learned, frozen }
    /// What a model can be asked for, by the name of the token its prompt begins with.
    public enum Job: String, Codable, Sendable, CaseIterable { case caption, vqa, ground }
    /// What preset `gated` adds to the paper's fusion, each of which an ablation may leave out.
    public enum FusionPart: String, Codable, Sendable, CaseIterable { case salience, crossGain }
    /// What the output so far is kept in. `all`: every atom of fusion, modulated as the image reads them. `text`: the atoms
    /// that differ along the text alone, with a modulation of their own; then no number of image atoms, which tell no
    /// two words apart, can drown the order of words.
    public enum SuffixState: String, Codable, Sendable, CaseIterable { case all, text }

    public static let format = "sdict-vlm"
    public static let version = 1

    public var format = ModelConfig.format
    public var version = ModelConfig.version
    public var preset: Preset
    /// Channels d of every token.
    public var width: Int
    public var visionLayers: Int
    public var textLayers: Int
    public var fusionLayers: Int
    /// Atoms K of the vision dictionary; fusion has these and the text's.
    public var visionAtoms: Int
    public var textAtoms: Int
    /// Side in pixels of the images trained on; any other grid works at inference.
    public var imageSize: Int
    /// Side of a patch in pixels.
    public var patchSize: Int
    /// Rows of the token embedding.
    public var vocabularySize: Int
    /// How many answers `answers.txt` lists.
    public var answers: Int
    /// Longest output in tokens, `<cls>` included.
    public var maxSuffix: Int
    /// Longest prompt in tokens, the task token included.
    public var maxPrompt: Int
    /// lambda of the pseudo-inverse `(Phi^H Phi + lambda L I)^-1 Phi^H`.
    public var ridge: Double
    /// Width of a block's MLP in units of `width`.
    public var mlpRatio: Int
    /// Channels of one head, preset `attention` only.
    public var headWidth: Int
    public var phaseBias: PhaseBias
    /// Whether patches get a learned 2-D code added.
    public var positionCode: Bool
    /// Whether patches go through a two-layer MLP instead of one linear map.
    public var patchMLP: Bool
    /// What the weights were trained for; `nil` for every job.
    public var jobs: [Job]?
    /// Parts of preset `gated` left out; `nil` for none.
    public var omits: [FusionPart]?
    public var suffixState: SuffixState
    /// Masks of salience, each shared by `width / salienceGroups` channels in a row; `nil` for one a channel.
    public var salienceGroups: Int?
    /// How many masks over places a word mixes, in each fusion layer, to read the image by; `nil` where all words read it
    /// alike. Needs `suffixState` text.
    public var steering: Int?

    public init(
        preset: Preset = .gated, width: Int = 128, visionLayers: Int = 3, textLayers: Int = 1, fusionLayers: Int = 3,
        visionAtoms: Int = 34, textAtoms: Int = 8, imageSize: Int = 64, patchSize: Int = 8, vocabularySize: Int,
        answers: Int, maxSuffix: Int = 32, maxPrompt: Int = 32, ridge: Double = 1e-3, mlpRatio: Int = 4,
        headWidth: Int = 32, phaseBias: PhaseBias = .learned, positionCode: Bool = false, patchMLP: Bool = false, jobs: [Job]? = nil,
        omits: [FusionPart]? = nil, suffixState: SuffixState = .all, salienceGroups: Int? = nil,
        steering: Int? = nil
    ) {
        self.preset = preset
        self.width = width
        self.visionLayers = visionLayers
        self.textLayers = textLayers
        self.fusionLayers = fusionLayers
        self.visionAtoms = visionAtoms
        self.textAtoms = textAtoms
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.vocabularySize = vocabularySize
        self.answers = answers
        self.maxSuffix = maxSuffix
        self.maxPrompt = maxPrompt
        self.ridge = ridge
        self.mlpRatio = mlpRatio
        self.headWidth = headWidth
        self.phaseBias = phaseBias
        self.positionCode = positionCode
        self.patchMLP = patchMLP
        self.jobs = jobs
        self.omits = omits
        self.suffixState = suffixState
        self.salienceGroups = salienceGroups
        self.steering = steering
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case format, version, preset, width, visionLayers, textLayers, fusionLayers, visionAtoms, textAtoms
        case imageSize, patchSize, vocabularySize, answers, maxSuffix, maxPrompt, ridge, mlpRatio, headWidth
        case phaseBias, positionCode, patchMLP, jobs, omits, suffixState, salienceGroups, steering
    }

    public init(from decoder: any Decoder) throws {
        let file = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys) throws -> Value {
            do {
                return try file.decode(Value.self, forKey: key)
            } catch where !(error is DecodingError) {
                // A number that its type cannot hold is an error of the decoder's own, without the key.
                throw DecodingError.typeMismatch(Value.self, .init(codingPath: [key], debugDescription: "\(error)"))
            }
        }
        func value<Value: Decodable>(_ key: CodingKeys, default absent: Value) throws -> Value {
            file.contains(key) ? try value(key) : absent
        }
        func choices<Value: CaseIterable & RawRepresentable<String>>(_ key: CodingKeys) throws -> [Value]? {
            try value(key, default: [String]?.none)?.map { try choice(key, $0) }
        }
        func choice<Value: CaseIterable & RawRepresentable<String>>(_ key: CodingKeys, _ text: String) throws -> Value {
            if let value = Value(rawValue: text) { return value }
            let known = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: key, in: file, debugDescription: "the value \"\(text)\" is not one of \(known)")
        }
        format = try value(.format)
        version = try value(.version)
        // Before the other keys, which a later version may have changed.
        guard format == Self.format else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: file, debugDescription: "the value \"\(format)\" is not \"\(Self.format)\"")
        }
        guard version == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: file,
                debugDescription: "version \(version) is not version \(Self.version), the one this program reads")
        }
        preset = try choice(.preset, value(.preset))
        width = try value(.width)
        visionLayers = try value(.visionLayers)
        textLayers = try value(.textLayers)
        fusionLayers = try value(.fusionLayers)
        visionAtoms = try value(.visionAtoms)
        textAtoms = try value(.textAtoms)
        imageSize = try value(.imageSize)
        patchSize = try value(.patchSize)
        vocabularySize = try value(.vocabularySize)
        answers = try value(.answers)
        maxSuffix = try value(.maxSuffix)
        maxPrompt = try value(.maxPrompt)
        ridge = try value(.ridge, default: 1e-3)
        mlpRatio = try value(.mlpRatio, default: 4)
        headWidth = try value(.headWidth, default: 32)
        phaseBias = try choice(.phaseBias, value(.phaseBias, default: PhaseBias.learned.rawValue))
        positionCode = try value(.positionCode, default: false)
        patchMLP = try value(.patchMLP, default: false)
        jobs = try choices(.jobs)
        omits = try choices(.omits)
        suffixState = try choice(.suffixState, value(.suffixState, default: SuffixState.all.rawValue))
        salienceGroups = try value(.salienceGroups, default: Int?.none)
        steering = try value(.steering, default: Int?.none)
    }

    /// Reads and validates the bytes of a `config.json`; `path` is for messages only.
    public init(json: Data, path: String = "config.json") throws(CheckpointError) {
        do {
            self = try JSONDecoder().decode(ModelConfig.self, from: json)
        } catch {
            let (key, problem) = MessageText.decoding(error, of: json, as: ModelConfig.self)
            throw .malformedConfig(path: path, key: key, found: problem)
        }
        if let key = JSONKeys.firstDuplicate(in: json) {
            throw .malformedConfig(path: path, key: key, found: "the key stands there twice")
        }
        try validate(path: path)
    }

    /// The bytes of `config.json`, one key to a line; the same config gives the same bytes.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// Keys of a `config.json` that mean nothing to this program: misspelt, or of a later one.
    static func unknownKeys(in json: Data) -> [String] {
        struct AnyKeys: Decodable {
            struct Key: CodingKey {
                let stringValue: String
                var intValue: Int? { nil }
                init(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }
            let names: [String]
            init(from decoder: any Decoder) throws {
                names = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue)
            }
        }
        let names = (try? JSONDecoder().decode(AnyKeys.self, from: json).names) ?? []
        return Set(names).subtracting(CodingKeys.allCases.map(\.rawValue)).sorted()
    }

    /// Whether the weights were trained for it.
    public func does(_ job: Job) -> Bool { jobs?.contains(job) ?? true }
    /// Whether fusion has a part.
    public func has(_ part: FusionPart) -> Bool { preset == .gated && omits?.contains(part) != true }

    /// Patches along one side of a training image.
    public var gridSize: Int { imageSize / patchSize }

    /// How many distinct frequencies a real signal on a grid of `width` x `height` tokens has: the half plane of its
    /// discrete Fourier transform, with the 1, 2 or 4 bins that are their own conjugates counted whole.
    public static func halfPlaneCount(width: Int, height: Int) -> Int {
        let selfConjugate = (width % 2 == 0 ? 2 : 1) * (height % 2 == 0 ? 2 : 1)
        return (width * height + selfConjugate) / 2
    }

    /// Bytes that the weights of this model take at the very least: its largest matrices at two bytes a number.
    public var leastWeightBytes: Int {
        let layers = visionLayers + textLayers + fusionLayers
        let atoms = visionLayers * visionAtoms + textLayers * textAtoms + fusionLayers * (visionAtoms + textAtoms - 1)
        // A gain and a phase bias of each atom and channel.
        let modulation = preset == .attention ? 0 : 2 * atoms
        return 2 * width * (vocabularySize + 3 * patchSize * patchSize + modulation + 2 * mlpRatio * width * layers)
    }

    /// Most entries of a dictionary of atoms on tokens: complex numbers in double precision, so half a gigabyte.
    static let mostDictionaryEntries = 1 << 25

    /// Checks every value by itself and against the others.
    ///
    /// - Throws: `CheckpointError.invalidConfig` with the key of the first that does not fit.
    public func validate(path: String = "config.json") throws(CheckpointError) {
        func require(_ holds: Bool, _ key: CodingKeys, _ expected: String, _ found: String) throws(CheckpointError) {
            if !holds { throw .invalidConfig(path: path, key: key.rawValue, expected: expected, found: found) }
        }
        try require(format == Self.format, .format, Self.format, format)
        try require(version == Self.version, .version, "\(Self.version)", "\(version)")
        // Upper limits keep a mistyped number from asking for all the memory there is.
        let ranges: [(CodingKeys, Int, ClosedRange<Int>)] = [
            (.width, width, 1...8192), (.visionLayers, visionLayers, 1...128), (.textLayers, textLayers, 1...128),
            (.fusionLayers, fusionLayers, 1...128), (.visionAtoms, visionAtoms, 1...2048),
            (.textAtoms, textAtoms, 1...2048), (.imageSize, imageSize, 1...4096), (.patchSize, patchSize, 1...512),
            (.vocabularySize, vocabularySize, 1...1_000_000), (.answers, answers, 1...100_000),
            (.maxSuffix, maxSuffix, 1...65_536), (.maxPrompt, maxPrompt, 1...65_536), (.mlpRatio, mlpRatio, 1...16),
            (.headWidth, headWidth, 1...8192),
        ]
        for (key, value, range) in ranges {
            try require(
                range.contains(value), key, "between \(range.lowerBound) and \(range.upperBound)", "\(value)")
        }
        try require(jobs?.isEmpty != true, .jobs, "at least one of \(Job.allCases.map(\.rawValue).joined(separator: ", "))", "none")
        try require(
            omits?.isEmpty != false || preset == .gated, .omits, "nothing outside preset gated",
            (omits ?? []).map(\.rawValue).joined(separator: ", "))
        try require(
            suffixState == .all || preset == .gated, .suffixState, "\(SuffixState.all.rawValue) outside preset gated",
            suffixState.rawValue)
        if let salienceGroups {
            try require(
                has(.salience), .salienceGroups, "nothing where there is no salience", "\(salienceGroups)")
            try require(
                salienceGroups > 0 && width % salienceGroups == 0, .salienceGroups, "a divisor of width \(width)",
                "\(salienceGroups)")
        }
        if let steering {
            try require(
                suffixState == .text, .steering, "nothing unless suffixState is \(SuffixState.text.rawValue)", "\(steering)")
            try require((1...width).contains(steering), .steering, "between 1 and width \(width)", "\(steering)")
        }
        try require(ridge > 0 && ridge <= 1, .ridge, "above 0 and at most 1", "\(ridge)")
        try require(
            imageSize % patchSize == 0, .patchSize, "a divisor of imageSize \(imageSize)", "\(patchSize)")
        try require(
            gridSize <= 256, .patchSize, "at least \((imageSize + 255) / 256), for at most 256 patches a side", "\(patchSize)")
        guard preset != .attention else {
            try require(width % headWidth == 0, .width, "a multiple of headWidth \(headWidth)", "\(width)")
            return
        }
        let visionLimit = Self.halfPlaneCount(width: gridSize, height: gridSize)
        try require(
            visionAtoms <= visionLimit, .visionAtoms,
            "at most \(visionLimit), the half plane of a \(gridSize) x \(gridSize) grid", "\(visionAtoms)")
        let tokens = gridSize * gridSize + maxPrompt + maxSuffix, most = Self.mostDictionaryEntries / tokens
        try require(
            visionAtoms + textAtoms - 1 <= most, .visionAtoms,
            "with textAtoms, less one, at most \(most), for \(Self.mostDictionaryEntries) numbers on \(tokens) tokens",
            "\(visionAtoms + textAtoms - 1)")
        let textLimit = Self.halfPlaneCount(width: maxPrompt, height: 1)
        try require(
            textAtoms <= textLimit, .textAtoms, "at most \(textLimit), the half line of \(maxPrompt) tokens",
            "\(textAtoms)")
    }
}
