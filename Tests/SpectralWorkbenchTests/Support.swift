import Foundation
@testable import SpectralEngine
import SpectralFormats
import SpectralLens
@testable import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// A folder with a checkpoint that was never trained and a few scenes; gone with the last reference.
final class TinyWorld: Sendable {
    let path: String
    let options: WorkbenchOptions

    /// One for all tests that only read it.
    static let shared = try! TinyWorld()

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-\(UUID().uuidString)").path
        let images = path + "/images"
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        options = WorkbenchOptions(checkpoint: path + "/tiny", images: [images])
        try Self.writeCheckpoint(to: options.checkpoint)
        for index in 0..<3 {
            let image = Scene.draw(split: .dev, seed: 5, index: index).render().image
            try Data(ImageFile.encodePNG(image)).write(to: URL(fileURLWithPath: "\(images)/scene\(index).png"))
        }
        try Data("not an image at all".utf8).write(to: URL(fileURLWithPath: images + "/torn.png"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    static func writeCheckpoint(to path: String, seed: UInt64 = 4) throws {
        let tokenizer = try Tokenizer.train(
            texts: SceneVocabulary.sampleTexts(scenes: 60), vocabularySize: 400, normalization: [.lowercase])
        let config = ModelConfig(
            width: 16, visionLayers: 1, textLayers: 1, fusionLayers: 1, visionAtoms: 6, textAtoms: 4, imageSize: 64,
            patchSize: 16, vocabularySize: tokenizer.vocabularySize, answers: SceneVocabulary.answers.count,
            maxSuffix: 12, maxPrompt: 12, mlpRatio: 2, headWidth: 8)
        let store = ParameterStore(seed: seed)
        _ = VisionLanguageModel(config: config, store: store, trainable: false)
        // Large enough steps between outputs that no rounding changes their order.
        for parameter in store.parameters where parameter.name.hasSuffix("weight") {
            parameter.values.withMutableValues { for i in $0.indices { $0[i] *= 3 } }
        }
        try CheckpointFolder.write(
            path: path, config: config, tokenizer: tokenizer, answers: SceneVocabulary.answers,
            tensors: store.parameters.map { ($0.name, [$0.rows, $0.columns], .f32, $0.values.array) })
    }

    /// What a script leads to, to be drawn in any look.
    func state(after script: String, rows: Int, columns: Int) async throws -> WorkbenchState {
        let options = options
        return try await OwnThread.run {
            var last: WorkbenchState?
            _ = try ScriptedRun.run(
                KeyScript.parse(script), options: options, size: ScreenSize(rows: rows, columns: columns), look: Look()
            ) { state, _ in last = state }
            return try #require(last)
        }
    }

    func play(_ script: String, rows: Int, columns: Int, look: Look = Look()) async throws -> Frame {
        let options = options
        return try await OwnThread.run {
            try ScriptedRun.run(
                KeyScript.parse(script), options: options, size: ScreenSize(rows: rows, columns: columns), look: look)
        }
    }
}

extension WorkbenchState {
    /// A loaded checkpoint with gates and atoms, and the images named.
    static func ready(_ images: [String] = ["/x/a.png", "/x/b.png", "/x/c.png"], rows: Int = 40, columns: Int = 120) -> WorkbenchState {
        var state = WorkbenchState(size: ScreenSize(rows: rows, columns: columns))
        _ = update(
            &state,
            .checkpointLoaded(CheckpointFacts(name: "tiny", preset: "gated", visionAtoms: 8, hasAtoms: true, warnings: [])))
        _ = update(&state, .imagesListed(images, problem: nil))
        return state
    }

    /// Applies keys written as a script; returns all effects in order.
    mutating func type(_ script: String) throws -> [Effect] {
        var effects: [Effect] = []
        for case .key(let key) in try KeyScript.parse(script) { effects += update(&self, .key(key)) }
        return effects
    }
}

/// An answer as the engine would give it.
func answered(_ text: String) -> EngineResult {
    EngineResult(
        output: .answer(
            Answering(
                answer: text, candidates: [TextCandidate(text: text, probability: 0.9), TextCandidate(text: "no", probability: 0.1)],
                k: 8, milliseconds: 12)),
        warnings: ["unlike the training images: far away"], familiarity: nil)
}

/// A measurement of three atoms, two of them in fusion.
func measured() -> MeasurementPart {
    var measurement = Measurement()
    measurement.status = .running
    measurement.stacks = [.fusion, .vision]
    measurement.atoms = [(AtomStack.fusion, 5, Float(2.5)), (.vision, 1, -1), (.fusion, 2, 0.5)].map {
        AtomRow(
            address: AtomAddress($0.0, atom: $0.1), u: 0.25, v: -0.125, t: $0.0 == .fusion ? 0 : nil, period: 3.5,
            periodUnit: "patches", effect: $0.2, energyShare: 0.25, flags: "")
    }
    measurement.words = ["<vqa>", "what", "is", "it"]
    measurement.alignedAtoms = [5, 2]
    measurement.alignment = Heatmap(
        title: "words x atoms", unit: "cosine", rows: 4, columns: 2, values: [0.1, 0.2, -0.9, 0.3, 0.4, 0.5, 0, -0.1],
        scale: .linear(minimum: -1, maximum: 1), rowLabels: measurement.words, columnLabels: ["5", "2"])
    measurement.angles = measurement.alignment
    return MeasurementPart(measurement)
}
