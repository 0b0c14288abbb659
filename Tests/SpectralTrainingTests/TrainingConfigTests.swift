import Foundation
import TestSupport
import Testing

@testable import SpectralTraining

/// What a config may hold is told before anything is trained or made.
@Suite struct TrainingConfigTests {
    /// What refuses a config; "none" where it is taken.
    private func refusal(_ json: String) -> String {
        do { try TrainingConfig(json: Data(json.utf8), path: "c.json").validate() } catch { return "\(error)" }
        return "none"
    }

    @Test func theDefaultsAreTaken() { #expect(refusal("{}") == "none") }

    @Test(arguments: [
        (#""rate": -1"#, "optimiser.rate should be 0 to 10, found -1"),
        (#""warmup": -5"#, "optimiser.warmup should be 0 to"), (#""floor": 1.5"#, "optimiser.floor should be 0 to 1, found 1.5"),
        (#""beta1": 2"#, "optimiser.beta1 should be 0 to"), (#""beta2": 1"#, "optimiser.beta2 should be 0 to"),
        (#""average": 3"#, "optimiser.average should be 0 to"), (#""decay": -1"#, "optimiser.decay should be 0 to 100, found -1"),
        (#""clip": 0"#, "optimiser.clip should be"), (#""atomRate": -0.5"#, "optimiser.atomRate should be 0 to 1000, found -0.5"),
    ])
    func optimisersThatWouldNotLearnAreRefused(setting: String, says: String) {
        let found = refusal(#"{"stages": [{"name": "joint", "optimiser": {\#(setting)}}]}"#)
        #expect(found.contains("stage joint: " + says), "\(found)")
    }

    @Test(arguments: [
        (#""workers": 0"#, "workers should be 1 to 256, found 0"), (#""stages": []"#, "at least one stage"),
        (#""stages": [{"steps": -5}]"#, "stage joint: steps should be 0 to"),
        (#""workers": 4, "stages": [{"images": 3}]"#, "stage joint: images should be at least one for each of 4 workers, found 3"),
        (#""stages": [{"wordNoise": 0.2}]"#, "need data other than scenes"),
        (#""stages": [{"augmentation": {"crop": 3}}]"#, "stage joint: augmentation.crop should be 0.05 to 1, found 3"),
        (#""stages": [{"referents": -1}]"#, "stage joint: referents should be 0 to"),
        (#""weights": {"box": -1}"#, "weights.box should be 0 to"), (#""weights": {"smoothing": 1}"#, "weights.smoothing should be 0 to 0.9"),
        (#""weights": {"reconstruction": [0.1, -2]}"#, "weights.reconstruction should be 0 to"),
    ])
    func settingsThatDoNotFitAreNamed(setting: String, says: String) {
        let found = refusal("{\(setting)}")
        #expect(found.contains(says) && !found.contains("\n"), "\(found)")
    }

    /// The config's own words, not those for a checkpoint's file.
    @Test func aModelThatCannotBeIsRefused() {
        var config = TrainingConfig()
        config.model.visionAtoms = 0
        let error = #expect(throws: TrainingError.self) { try config.validate() }
        #expect(
            error?.description == "train scenes: model.visionAtoms should be between 1 and 2048, found 0; correct the config and run again")
    }

    /// Foundation calls a number that does not fit its type "not JSON", and says neither which nor where.
    @Test(arguments: [
        (#"{"seed": -1}"#, "at seed: -1 does not fit"), (#"{"stages": [{}, {"steps": 40.5}]}"#, "at stages[1].steps: 40.5 does not fit"),
        (#"{"stages": [{"steps": 1e30}]}"#, "at stages[0].steps: 1e+30 does not fit"),
        (#"{"seed": -1, "workers": 1.5}"#, "a number that does not fit where it stands"), ("{", "text that is not JSON"),
        (#"{"data": {"kind": "foo"}}"#, "at data.kind: expected captions, easy-vqa, sort-of-clevr, found foo"),
    ])
    func numbersThatDoNotFitAreFound(json: String, says: String) {
        let found = refusal(json)
        #expect(found.contains(says), "\(found)")
    }

    @Test func aRefusedRunLeavesNothing() throws {
        let folder = try ScratchFolder()
        var config = fileConfig(TrainingData(kind: .captions))
        let refusals: [(inout TrainingConfig) -> Void] = [{ _ in }, { $0.stages[0].optimiser.rate = -1 }, { $0.model.patchSize = 0 }]
        for (place, change) in refusals.enumerated() {
            change(&config)
            let error = #expect(throws: TrainingError.self) {
                try TrainingRun(config: config, folder: URL(fileURLWithPath: folder.file("run")))
            }
            if place == 0 { #expect(error?.description.contains("names no file to train on") == true) }
            #expect(!FileManager.default.fileExists(atPath: folder.file("run")))
        }
    }

    @Test func aFileInTheRunsPlaceIsToldInOneLine() throws {
        let folder = try ScratchFolder(), file = try folder.write("here", "x")
        let config = fileConfig(TrainingData(kind: .sortOfClevr), captions: 0)
        for path in [file, file + "/run"] {
            let error = #expect(throws: (any Error).self) { try TrainingRun(config: config, folder: URL(fileURLWithPath: path)) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("making the folder failed: \(file) is a file") && !text.contains("NSCocoa"), "\(text)")
        }
    }
}
