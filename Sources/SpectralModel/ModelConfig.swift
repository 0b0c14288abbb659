public struct ModelConfig: Sendable {
    public enum Preset: String, Sendable { case gated, paper, attention }
    public enum PhaseBias: String, Sendable { case learned, frozen }
    public var preset: Preset = .gated
    public var width = 128
    public var visionLayers = 3
    public var textLayers = 1
    public var fusionLayers = 3
    public var visionAtoms = 34
    public var textAtoms = 8
    public var imageSize = 64
    public var patchSize = 8
    public var vocabularySize = 512
    public var answerCount = 40
    public var maxPrompt = 32
    public var maxSuffix = 40
    public var ridge = 0.1
    public var mlpRatio = 4
    public var headWidth = 32
    public var patchMLP = false
    public var positionCode = false
    public var phaseBias: PhaseBias = .learned
    public init() {}
}
