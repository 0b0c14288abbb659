import SpectralFormats
import SpectralModel

@testable import SpectralTraining

/// The smallest run on captioned images in files: d 32, 1 + 1 + 1 layers, 4 images a step.
func fileConfig(_ data: TrainingData, steps: Int = 3, captions: Int = 1, logEvery: Int = 1) -> TrainingConfig {
    var config = TrainingConfig()
    config.model = ModelConfig(
        width: 32, visionLayers: 1, fusionLayers: 1, visionAtoms: 4, textAtoms: 4, imageSize: 16, patchSize: 8,
        vocabularySize: 300, answers: 1, maxSuffix: 12, maxPrompt: 8, ridge: 0.1)
    config.data = data
    var stage = TrainingStage()
    (stage.steps, stage.images, stage.captions, stage.questions, stage.groundings) = (steps, 4, captions, 0, 0)
    config.stages = [stage]
    config.logEvery = logEvery
    return config
}
