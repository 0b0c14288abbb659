import Foundation
import SpectralFormats
import SpectralModel
import TestSupport
import Testing

@testable import SpectralTraining

/// Studies: what variants become, that a run is made once, and the tables.
@Suite struct StudyTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private static let config = """
        {"stages": [{"steps": 2, "images": 2, "captions": 1, "questions": 1, "groundings": 1, "maxObjects": 1}], "logEvery": 1,
         "model": {"format": "sdict-vlm", "version": 1, "preset": "gated", "width": 16, "visionLayers": 1, "textLayers": 1,
          "fusionLayers": 1, "visionAtoms": 6, "textAtoms": 4, "imageSize": 64, "patchSize": 16, "vocabularySize": 300,
          "answers": 40, "maxSuffix": 24, "maxPrompt": 24, "mlpRatio": 2, "headWidth": 8}}
        """

    private func study(variants: String, seeds: String = "[1, 2]", more: String = "") throws -> Study {
        let text = "{\"name\": \"s\", \"seeds\": \(seeds), \"images\": 4, \(more) \"config\": \(Self.config), \"variants\": \(variants)}"
        return try Study(path: folder.write("study-\(UUID().uuidString).json", text))
    }

    @Test func aVariantsKeysGoOverTheConfigs() throws {
        let made = try study(
            variants: """
                [{"name": "plain"}, {"name": "frozen", "k": [3, 1], "nested": false, "model": {"phaseBias": "frozen"}},
                 {"name": "bare", "model": {"omits": ["salience", "crossGain"]}}]
                """)
        #expect(made.variants.map(\.name) == ["plain", "frozen", "bare"] && made.seeds == [1, 2] && made.images == 4)
        #expect(made.variants.map(\.ks) == [[6], [6, 3, 1], [6]])
        #expect(made.variants.map(\.config.nested) == [true, false, true])
        #expect(made.variants.map(\.config.model.phaseBias) == [.learned, .frozen, .learned])
        #expect(made.variants.map(\.config.model.width) == [16, 16, 16], "the rest of the model stays")
        #expect(made.variants[2].config.model.omits == [.salience, .crossGain])
    }

    @Test(arguments: [
        ("[]", "[1]", "", "variant"), ("[{\"name\": \"a\"}]", "[]", "", "seed"),
        ("[{\"name\": \"a\"}, {\"name\": \"a\"}]", "[1]", "", "name"), ("[{\"name\": \"a\", \"k\": [7]}]", "[1]", "", "1 to 6"),
        ("[{\"name\": \"a\", \"modle\": {}}]", "[1]", "", "modle"), ("[{\"name\": \"a\"}]", "[1]", "\"sides\": 1,", "sides"),
        ("[{\"k\": [1]}]", "[1]", "", "name"),
    ])
    func whatMakesNoSenseIsSaidInOneLine(variants: String, seeds: String, more: String, word: String) {
        let error = #expect(throws: TrainingError.self) { try study(variants: variants, seeds: seeds, more: more) }
        let text = error?.description ?? ""
        #expect(text.contains(word) && !text.contains("\n"), "\(text)")
    }

    @Test func bundledStudiesCanBeRead() throws {
        // Beside the tests' own bundle lies the package's folder of configs.
        let training = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/SpectralEngine/Bundled/training")
        for file in try FileManager.default.contentsOfDirectory(at: training, includingPropertiesForKeys: nil) {
            if file.lastPathComponent.hasPrefix("study-") {
                for variant in try Study(path: file.path).variants { try variant.config.validate() }
            } else {
                try TrainingConfig(path: file.path).validate()
            }
        }
    }

    @Test func aRunIsMadeOnceAndOnlyReadAfterwards() throws {
        let variant = try study(variants: "[{\"name\": \"a\", \"k\": [2]}]").variants[0], place = URL(fileURLWithPath: folder.file("run"))
        let data = FiguresData.scenes(count: 3, seed: 0, maxObjects: 1)
        var lines = 0
        func run(stop: Bool = false) throws -> StudyRun? {
            try Study.run(variant, seed: 1, folder: place, data: data, progress: { _ in lines += 1 }, shouldStop: { stop })
        }
        #expect(try run(stop: true) == nil && lines == 1, "told to stop after its first step")
        let made = try #require(try run())
        #expect(lines == 2 && made.steps == 2 && made.loss > 0 && made.figures.map(\.k) == [6, 2])
        let again = try run()
        #expect(again == made && lines == 2)
        let fewer = try #require(try Study.run(
            variant, seed: 1, folder: place, data: .scenes(count: 2, seed: 0, maxObjects: 1), progress: { _ in }, shouldStop: { false }))
        #expect(fewer.measuredOn != made.measuredOn && fewer.measuredOn.contains("2 held-out scenes"), "of other data, so measured anew")
        // Fewer atoms: fewer numbers, operations and bytes.
        for key in [\ModelFigures.parameters, \.stateBytes] { #expect(made.figures[1][keyPath: key] < made.figures[0][keyPath: key]) }
        #expect(made.figures[1].gflops < made.figures[0].gflops)
        #expect(made.figures[0].scores.map(\.name) == ["VQA %", "captions right %", "IoU"])
    }

    @Test func aTableGivesMeansAndDeviations() {
        func figures(_ score: Double) -> ModelFigures {
            ModelFigures(
                k: 8, parameters: 10, gflops: 0.5, milliseconds: 3, stateBytes: 64, scores: [.init(name: "VQA %", value: score)])
        }
        let report = FiguresReport(
            command: "sdict eval study s", notes: ["n"],
            rows: [
                .init(name: "a", kind: .trained, steps: "2", losses: [1, 2, 3], runs: [figures(50), figures(60), figures(70)]),
                .init(name: "b", kind: .attention, steps: nil, runs: [figures(40)]),
            ])
        #expect(report.table[0].suffix(2) == ["training loss", "VQA %"])
        #expect(report.table[1].suffix(2) == ["2.000 ± 1.000", "60.0 ± 10.0"])
        #expect(report.table[2] == ["b", "attention", "-", "1", "-", "10", "0.5000", "3.0", "64", "-", "40.0"])
        #expect(report.markdown.contains("Measured by `sdict eval study s`."))
    }

    @Test func heldOutImagesAreThoseThatTrainingKeeps() {
        let questions = (0..<25).reversed().map { i in
            AskedQuestion(id: i, image: "images/\(i).png", question: "q", answers: ["a"], kind: nil, type: nil)
        }
        #expect(HeldOut.images(of: questions, every: 10) == ["images/9.png", "images/19.png"])
        #expect(HeldOut.images(of: questions, every: 0).isEmpty)
        var data = TrainingData(kind: .easyVQA)
        data.holdOut = 10
        #expect((0..<25).filter { !data.trains(place: $0) } == [9, 19])
    }
}
