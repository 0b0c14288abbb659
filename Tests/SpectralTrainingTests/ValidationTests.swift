import Foundation
import SpectralFormats
import SpectralKernels
import TestSupport
import Testing

@testable import SpectralModel
@testable import SpectralTraining

/// What a run says of images that it does not train on.
@Suite struct ValidationTests {
    private func data(in folder: ScratchFolder) throws -> TrainingData {
        func list(_ name: String, _ greys: Range<Int>) throws -> String {
            var lines = ["image\tcaption"]
            for grey in greys {
                // Neither square nor plain, and larger than the model's images: how it is made smaller shows.
                let pixels = (0..<40 * 27).flatMap { i -> [UInt8] in
                    let stripe = UInt8(i * 7 % 256), ramp = UInt8(i % 40 * 6)
                    return [UInt8(grey * 20), stripe, ramp]
                }
                try folder.put("\(grey).png", Data(ImageFile.encodePNG(PixelImage(width: 40, height: 27, pixels: pixels))))
                lines += ["\(grey).png\ta picture of \(grey)", "\(grey).png\tpicture \(grey) is grey"]
            }
            return try folder.write(name, lines.joined(separator: "\n") + "\n")
        }
        var data = TrainingData(kind: .captions)
        data.file = try list("train.tsv", 0..<5)
        data.validation.file = try list("dev.tsv", 5..<12)
        data.validation.count = 3
        data.images = folder.path
        (data.augmentation.crop, data.wordNoise, data.bagWeight) = (0.5, 0.3, 0.5)
        return data
    }

    private func config(_ data: TrainingData) -> TrainingConfig { fileConfig(data, steps: 4, captions: 2, logEvery: 2) }

    private func train(_ settings: TrainingConfig, in folder: URL) throws -> (lines: [TrainingLogLine], run: TrainingRun) {
        let run = try TrainingRun(config: settings, folder: folder)
        var lines: [TrainingLogLine] = []
        try run.train(progress: { lines.append($0) })
        return (lines, run)
    }

    /// Against the exported checkpoint, which reads each caption of the first three images word by word.
    @Test func figuresAreThoseOfTheCheckpoint() throws {
        let folder = try ScratchFolder(), settings = config(try data(in: folder))
        let (lines, run) = try train(settings, in: URL(fileURLWithPath: folder.path + "/run"))
        let made = folder.path + "/checkpoint"
        try run.exportCheckpoint(to: made, half: false)
        let model = try LoadedModel(path: made)
        var loss = 0.0, right = 0.0, tokens = 0.0
        for grey in 5..<8 {
            let seen = model.see(try ImageFile.load(folder.path + "/\(grey).png"))
            for caption in ["a picture of \(grey)", "picture \(grey) is grey"] {
                let prefix = model.prefix(seen, task: .caption, prompt: "")
                var memory = prefix.memory, last = SpecialToken.cls.rawValue
                for (t, token) in (run.tokenizer.encode(caption) + [SpecialToken.eos.rawValue]).enumerated() {
                    let p = model.nextProbabilities([last], t: [prefix.length + t], memory: &memory)[0]
                    loss -= Double(log(p[token]))
                    right += p.indices.max { p[$0] < p[$1] } == token ? 1 : 0
                    (last, tokens) = (token, tokens + 1)
                }
            }
        }
        let figures = try #require(lines.last?.validation)
        #expect(abs(Double(figures.caption) - loss / tokens) < 1e-4)
        #expect(abs(Double(figures.captionAccuracy) - right / tokens) < 1e-5)
        #expect(figures.answer == 0 && figures.answerAccuracy == 0)

        let images = (5..<8).map { CaptionedImage(id: $0, fileName: "\($0).png", captions: ["A picture of \($0) .", "picture \($0) is grey"]) }
        let likelihood = model.likelihood(of: images, paths: images.map { folder.path + "/" + $0.fileName }, k: 4)
        #expect(likelihood.tokens == Int(tokens))
        #expect(abs(likelihood.nats - loss / tokens) < 1e-4 && abs(likelihood.share - right / tokens) < 1e-5)
        withExtendedLifetime(folder) {}
    }

    /// Looking changes nothing: the same losses to the last bit, with and without, and over a resume that looks no more.
    @Test func trainingDoesNotHangOnIt() throws {
        let folder = try ScratchFolder(), looking = config(try data(in: folder))
        var blind = looking
        blind.data?.validation = ValidationData()
        func losses(_ name: String, _ parts: [(TrainingConfig, Int)]) throws -> [Float] {
            var losses: [Float] = []
            for (settings, until) in parts {
                let run = try TrainingRun(config: settings, folder: URL(fileURLWithPath: folder.path + "/" + name))
                try run.train(untilStep: until, progress: { losses.append($0.caption) })
            }
            return losses
        }
        let expected = try losses("blind", [(blind, 4)])
        #expect(expected.count == 2)
        #expect(try losses("looking", [(looking, 4)]) == expected)
        #expect(try losses("both", [(looking, 2), (blind, 4)]) == expected)
        withExtendedLifetime(folder) {}
    }

    @Test func whatCannotBeValidatedOnIsOneClearLine() throws {
        let folder = try ScratchFolder(), good = try data(in: folder)
        func problem(_ change: (inout TrainingData) -> Void) -> String {
            var data = good
            change(&data)
            do {
                _ = try TrainingRun(config: config(data), folder: URL(fileURLWithPath: folder.path + "/run"))
                return ""
            } catch { return "\(error)" }
        }
        #expect(problem { $0.kind = .sortOfClevr }.contains("data.validation is for data in files"))
        #expect(problem { $0.validation.file = $0.file }.contains("0.png, which is trained on"))
        #expect(problem { $0.validation.images = folder.path + "/nowhere" }.contains("nowhere"))
        #expect(problem { _ in } == "")
        withExtendedLifetime(folder) {}
    }

    /// The training file itself, for what `holdOut` keeps from training: the figures of a file of just those images.
    @Test func heldOutImagesMayBeValidatedOn() throws {
        let folder = try ScratchFolder()
        var own = try data(in: folder)
        own.holdOut = 2
        var listed = own
        own.validation.file = own.file
        let lines = try String(contentsOfFile: own.file, encoding: .utf8).split(separator: "\n")
        let kept = [lines[0]] + lines.filter { $0.hasPrefix("1.png") || $0.hasPrefix("3.png") }
        listed.validation.file = try folder.write("kept.tsv", kept.joined(separator: "\n") + "\n")
        let figures = try [own, listed].enumerated().map { i, data in
            try train(config(data), in: URL(fileURLWithPath: folder.path + "/run\(i)")).lines.last?.validation
        }
        #expect(figures[0] != nil && figures[0] == figures[1])
        withExtendedLifetime(folder) {}
    }

    /// A state written before a key existed goes on where the key is at its default, and nowhere else.
    @Test func statesOfEarlierConfigsResume() throws {
        let folder = try ScratchFolder()
        var settings = config(try data(in: folder))
        settings.data?.validation = ValidationData()
        let place = URL(fileURLWithPath: folder.path + "/run"), state = place.appendingPathComponent("state.safetensors")
        try TrainingRun(config: settings, folder: place).train(untilStep: 2, progress: { _ in })
        let whole = try SafetensorsFile(path: state.path), told = try #require(whole.metadata["config"])
        var object = try #require(JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any])
        var model = try #require(object["model"] as? [String: Any]), data = try #require(object["data"] as? [String: Any])
        #expect(model.removeValue(forKey: "suffixState") != nil && data.removeValue(forKey: "validation") != nil)
        (object["model"], object["data"]) = (model, data)
        let earlier = String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
        try SafetensorsWriter.write(
            path: state.path,
            tensors: whole.names.map { name in
                let shape = try #require(whole.shape(of: name))
                return (name, shape, .f32, try whole.floats(name, shape: shape))
            },
            metadata: ["step": "2", "config": earlier])
        #expect(try TrainingRun(config: settings, folder: place).stepsDone == 2)
        settings.model.suffixState = .text
        #expect(throws: TrainingError.self) { try TrainingRun(config: settings, folder: place) }
        withExtendedLifetime(folder) {}
    }
}
