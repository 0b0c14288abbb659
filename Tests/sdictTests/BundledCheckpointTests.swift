import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import SpectralTraining
import Testing

/// The checkpoints that ship really see: bounds stand well under what their model cards say was measured.
struct BundledCheckpointTests {
    @Test(arguments: [Bundled.defaultCheckpoint, "scenes"]) func itLoadsWithoutAWordAndIsSmall(_ name: String) throws {
        let path = try Bundled.checkpointPath(name)
        let model = try LoadedModel(path: path)
        #expect(model.warnings.isEmpty)
        #expect(model.folder.weights.byteCount < 16 << 20)
        #expect(model.folder.evaluation != nil && model.folder.card != nil)
        #expect(model.folder.weights.names.allSatisfy { model.folder.weights.dtype(of: $0) == .f16 })
    }

    @Test(arguments: [Bundled.defaultCheckpoint, "scenes"]) func itAnswersQuestionsAboutScenesItNeverSaw(_ name: String) throws {
        let model = try LoadedModel(path: Bundled.checkpointPath(name))
        let plan = SceneEvaluationPlan(split: .dev, seed: 99, images: 24, questionsPerImage: 8)
        let seen = model.evaluate(plan)
        #expect(seen.vqa.share > 0.93)
        #expect(seen.captions.share > 0.85)
        #expect(seen.groundingIoU > 0.85)
        var blank = plan
        blank.blank = true
        #expect(model.evaluate(blank).vqa.share < 0.6, "answers that need no image would prove nothing")
    }

    /// K is worth comparing by default: bounds between what `scenes` reaches with so few atoms and what the card says.
    @Test func fewAtomsAnswerWhereTrainingDrewThem() throws {
        let model = try LoadedModel(path: Bundled.checkpointPath())
        var plan = SceneEvaluationPlan(split: .dev, seed: 99, images: 24, questionsPerImage: 8)
        for (k, bound) in [(34, 0.93), (4, 0.93), (2, 0.87)] {
            plan.k = k
            #expect(model.evaluate(plan).vqa.share > bound, "K \(k)")
        }
    }

    @Test(arguments: [(Bundled.defaultCheckpoint, 0), ("photos", 12)])
    func bundledScenesAreUnlikePhotographsAndNothingElse(_ name: String, warned: Int) throws {
        let model = try LoadedModel(path: Bundled.checkpointPath(name))
        let familiarity = try #require(try Familiarity.read(folder: model.folder.path, config: model.config))
        let readings = try Bundled.images.map { familiarity.measure(model.see(try ImageFile.load($0))) }
        #expect(readings.count { $0.isUnfamiliar } == warned)
    }

    @Test func bundledImagesAreADozenAndReadable() throws {
        #expect(Bundled.images.count == 12)
        for path in Bundled.images { #expect(try ImageFile.load(path).width == Scene.side) }
    }
}
