import SpectralFormats
import TestSupport
import Testing

@testable import SpectralModel

/// Which jobs a checkpoint takes on, and what it costs without parts and atoms.
@Suite struct TrainedJobsTests {
    @Test func jobsThatWereNotTrainedAreRefusedInOneLine() throws {
        let tiny = try TinyCheckpoint(jobs: [.caption, .ground]), model = try tiny.load()
        try model.require(.caption)
        try model.require(.ground)
        let error = #expect(throws: UntrainedJob.self) { try model.require(.vqa) }
        #expect(
            error?.description
                == "this checkpoint was not trained to answer questions, it was to write captions and to find things; "
                + "choose another checkpoint for that")
        let all = try TinyCheckpoint().load()
        for job in ModelConfig.Job.allCases { try all.require(job) }
    }

    @Test func everyJobHasItsToken() {
        #expect(SpecialToken.allCases.compactMap { ModelConfig.Job($0) } == [.caption, .vqa, .ground])
        for job in ModelConfig.Job.allCases { #expect(SpecialToken.texts.contains("<\(job.rawValue)>")) }
    }

    /// Against a model that has no more atoms than that.
    @Test(
        arguments: [nil, [.salience], [.crossGain], [.salience, .crossGain]] as [[ModelConfig.FusionPart]?],
        ModelConfig.SuffixState.allCases)
    func omittedPartsAndAtomsAreNotCounted(omits: [ModelConfig.FusionPart]?, suffix: ModelConfig.SuffixState) {
        let whole = TinyModel(.gated, omits: omits, suffixState: suffix)
        for k in 1...5 {
            let smaller = TinyModel(.gated, omits: omits, k: k, suffixState: suffix)
            #expect(smaller.store.count == whole.config.parameterCount(of: whole.store.count, k: k), "K \(k)")
        }
        if suffix == .text {
            let steered = TinyModel(.gated, omits: omits, suffixState: suffix, steering: 3)
            for k in 1...5 {
                let smaller = TinyModel(.gated, omits: omits, k: k, suffixState: suffix, steering: 3)
                #expect(smaller.store.count == steered.config.parameterCount(of: steered.store.count, k: k), "K \(k), steering")
            }
        }
        // Two projections a token for the gate and out, one for the value, and one for salience where there is any.
        let d = whole.config.width, n = 16 + 3, maps = omits?.contains(.salience) == true ? 3 : 4
        let passing = ModelCosts(whole.config, k: 5).prefix(prompt: 3).projections
        let text = 3 * 2 * 3 * d * d, leaving = (maps - 2) * 2 * n * d * d
        #expect(passing - text == maps * 2 * n * d * d + leaving)
        guard maps == 4 else { return }
        let shared = TinyModel(.gated, omits: omits, suffixState: suffix, salienceGroups: 4)
        #expect(ModelCosts(shared.config, k: 5).prefix(prompt: 3).projections == passing - 2 * (2 * n * d * d - 4 * n * d * 4))
    }
}
