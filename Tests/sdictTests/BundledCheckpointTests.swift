import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import SpectralTraining
import Testing

/// The checkpoint that ships really sees: bounds stand well under what its model card says was measured.
struct BundledCheckpointTests {
    @Test func itLoadsWithoutAWordAndIsSmall() throws {
        let path = try Bundled.checkpointPath()
        let model = try LoadedModel(path: path)
        #expect(model.warnings.isEmpty)
        #expect(model.folder.weights.byteCount < 16 << 20)
        #expect(model.folder.evaluation != nil && model.folder.card != nil)
        #expect(model.folder.weights.names.allSatisfy { model.folder.weights.dtype(of: $0) == .f16 })
    }

    @Test func itAnswersQuestionsAboutScenesItNeverSaw() throws {
        let model = try LoadedModel(path: Bundled.checkpointPath())
        let plan = SceneEvaluationPlan(split: .dev, seed: 99, images: 24, questionsPerImage: 8)
        let seen = model.evaluate(plan)
        #expect(seen.vqa.share > 0.93)
        #expect(seen.captions.share > 0.85)
        #expect(seen.groundingIoU > 0.85)
        var blank = plan
        blank.blank = true
        #expect(model.evaluate(blank).vqa.share < 0.6, "answers that need no image would prove nothing")
    }

    /// Where training drew few atoms, few do: bounds between what `scenes` reaches there and what the card says.
    @Test func fewAtomsAnswerWhereTrainingDrewThem() throws {
        let model = try LoadedModel(path: Bundled.checkpointPath("scenes-few-atoms"))
        var plan = SceneEvaluationPlan(split: .dev, seed: 99, images: 24, questionsPerImage: 8)
        for (k, bound) in [(34, 0.93), (4, 0.91), (2, 0.82)] {
            plan.k = k
            #expect(model.evaluate(plan).vqa.share > bound, "K \(k)")
        }
    }

    @Test func bundledImagesAreADozenAndReadable() throws {
        #expect(Bundled.images.count == 12)
        for path in Bundled.images { #expect(try ImageFile.load(path).width == Scene.side) }
    }
}
