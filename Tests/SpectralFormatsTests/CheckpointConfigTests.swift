import Foundation
import Testing

@testable import SpectralFormats

@Suite struct CheckpointConfigTests {
    static var sound: [String: Any] {
        [
            "format": "sdict-vlm", "version": 1, "preset": "gated", "width": 128, "visionLayers": 3, "textLayers": 1,
            "fusionLayers": 3, "visionAtoms": 34, "textAtoms": 8, "imageSize": 64, "patchSize": 8, "vocabularySize": 300,
            "answers": 20, "maxSuffix": 18, "maxPrompt": 14,
        ]
    }

    static func json(_ changes: [String: Any?] = [:]) throws -> Data {
        var file = sound
        for (key, value) in changes { file[key] = value }
        return try JSONSerialization.data(withJSONObject: file)
    }

    static func failure(_ data: Data) -> CheckpointError? {
        do throws(CheckpointError) {
            _ = try ModelConfig(json: data, path: "c.json")
            return nil
        } catch {
            expectOneCleanLine(error)
            return error
        }
    }

    @Test func absentKeysTakeTheirDefaults() throws {
        let config = try ModelConfig(json: Self.json())
        #expect(config.preset == .gated && config.width == 128 && config.visionAtoms == 34 && config.maxPrompt == 14)
        #expect(config.mlpRatio == 4 && config.headWidth == 32 && config.ridge == 1e-3)
        #expect(config.phaseBias == .learned && !config.positionCode && !config.patchMLP)
        #expect(config.gridSize == 8 && config.suffixState == .all && config.salienceGroups == nil && config.steering == nil)
        #expect(ModelConfig.Job.allCases.allSatisfy(config.does) && ModelConfig.FusionPart.allCases.allSatisfy(config.has))
    }

    @Test func jobsAndOmittedPartsAreNamed() throws {
        let config = try ModelConfig(json: Self.json(["jobs": ["caption"], "omits": ["salience"]]))
        #expect(config.does(.caption) && !config.does(.vqa) && !config.does(.ground))
        #expect(!config.has(.salience) && config.has(.crossGain))
        #expect(try ModelConfig(json: config.json()) == config)
        // A config written before these keys existed stays what it was, byte for byte.
        #expect(!String(decoding: try ModelConfig(json: Self.json()).json(), as: UTF8.self).contains("jobs"))
        let wrong: [([String: Any?], String)] = [
            (["jobs": [String]()], "jobs"), (["jobs": ["sing"]], "sing"), (["omits": ["gate"]], "gate"), (["jobs": "caption"], "jobs"),
            (["preset": "paper", "omits": ["salience"]], "omits"),
            (["preset": "paper", "suffixState": "text"], "suffixState"), (["suffixState": "words"], "suffixState"),
            (["salienceGroups": 3], "divisor of width"), (["salienceGroups": 0], "divisor of width"),
            (["suffixState": "text", "steering": 0], "between 1 and width"), (["steering": 4], "suffixState"),
            (["suffixState": "text", "steering": "four"], "steering"),
            (["salienceGroups": 4, "omits": ["salience"]], "salienceGroups"), (["salienceGroups": "four"], "salienceGroups"),
        ]
        for (changes, word) in wrong {
            #expect(Self.failure(try Self.json(changes))?.description.contains(word) == true, "\(changes)")
        }
    }

    @Test func everyKeySurvivesTheFile() throws {
        let config = ModelConfig(
            preset: .gated, width: 96, visionLayers: 2, textLayers: 3, fusionLayers: 4, visionAtoms: 5,
            textAtoms: 6, imageSize: 48, patchSize: 4, vocabularySize: 700, answers: 9, maxSuffix: 10, maxPrompt: 11,
            ridge: 0.25, mlpRatio: 2, headWidth: 48, phaseBias: .frozen, positionCode: true, patchMLP: true,
            jobs: [.vqa], omits: [.crossGain], suffixState: .text, salienceGroups: 8, steering: 7)
        let data = try config.json()
        #expect(try ModelConfig(json: data) == config)
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(object.keys) == Set(ModelConfig.CodingKeys.allCases.map(\.rawValue)))
        #expect(object["phaseBias"] as? String == "frozen" && object["maxSuffix"] as? Int == 10)
        #expect(ModelConfig.unknownKeys(in: data).isEmpty)
        #expect(ModelConfig.unknownKeys(in: try Self.json(["ridg": 1, "b": 2])) == ["b", "ridg"])
    }

    @Test func malformedValuesNameTheirKey() throws {
        let cases: [(String, Any?)] = [
            ("width", "128"), ("width", 128.5), ("width", NSNull()), ("width", nil), ("width", true), ("width", 1e30),
            ("preset", "gatd"), ("preset", 1), ("phaseBias", "none"), ("phaseBias", NSNull()), ("positionCode", 1),
            ("patchMLP", "true"), ("ridge", "0.1"), ("format", "other"), ("format", nil), ("version", 2),
            ("version", "1"), ("visionAtoms", [34]), ("answers", ["yes", "no"]), ("textAtoms", nil),
        ]
        for (key, value) in cases {
            guard case .malformedConfig(_, let named, _) = Self.failure(try Self.json([key: value])) else {
                Issue.record("\(key) = \(String(describing: value)) was taken")
                continue
            }
            #expect(named == key)
        }
    }

    @Test func whatIsNoConfigIsRefused() throws {
        let sound = String(decoding: try Self.json(), as: UTF8.self)
        for text in ["", "[]", "{", "null", sound + sound, sound.dropLast() + ",\"width\":64}"] {
            guard case .malformedConfig = Self.failure(Data(text.utf8)) else {
                Issue.record("\(text) was taken")
                continue
            }
        }
    }

    @Test func valuesThatFitNoModelNameTheirKey() throws {
        let counts = [
            "width", "visionLayers", "textLayers", "fusionLayers", "visionAtoms", "textAtoms", "imageSize", "patchSize",
            "vocabularySize", "answers", "maxSuffix", "maxPrompt", "mlpRatio", "headWidth",
        ]
        var cases: [(String, [String: Any?])] = counts.flatMap { key in
            [(key, [key: 0]), (key, [key: -1]), (key, [key: Int.min]), (key, [key: 2_000_000]), (key, [key: Int.max])]
        }
        cases += [
            ("ridge", ["ridge": 0]), ("ridge", ["ridge": -1e-3]), ("ridge", ["ridge": 1.5]),
            ("patchSize", ["patchSize": 7]), ("patchSize", ["patchSize": 128]), ("patchSize", ["imageSize": 60]),
            ("visionAtoms", ["visionAtoms": 35]), ("visionAtoms", ["imageSize": 56]),
            ("visionAtoms", ["imageSize": 4096, "patchSize": 16, "visionAtoms": 2049]),
            ("visionAtoms", ["imageSize": 4096, "patchSize": 16, "visionAtoms": 1024]),
            ("visionAtoms", ["patchSize": 64]), ("textAtoms", ["textAtoms": 9]), ("textAtoms", ["maxPrompt": 13]),
            ("width", ["preset": "attention", "width": 100]), ("width", ["preset": "attention", "headWidth": 256]),
        ]
        for (key, changes) in cases {
            guard case .invalidConfig(_, let named, _, _) = Self.failure(try Self.json(changes)) else {
                Issue.record("\(changes) was taken")
                continue
            }
            #expect(named == key, "\(changes)")
        }
        #expect(Self.failure(try Self.json(["preset": "attention", "visionAtoms": 2000])) == nil)
        #expect(Self.failure(try Self.json(["preset": "paper", "width": 100])) == nil)
    }

    /// Of the matrices that grow with the number of atoms: what a config may ask for, its weights must have room for.
    @Test func theLeastWeightsGrowWithTheAtoms() throws {
        let few = try ModelConfig(json: Self.json(["visionAtoms": 8])), many = try ModelConfig(json: Self.json(["visionAtoms": 34]))
        let layers = many.visionLayers + many.fusionLayers
        #expect(many.leastWeightBytes - few.leastWeightBytes == 2 * 2 * 26 * many.width * layers)
    }

    /// Counted one by one: a bin and its conjugate are one frequency.
    @Test func theHalfPlaneIsCountedRight() {
        for width in 1...9 {
            for height in 1...9 {
                var kept: Set<[Int]> = []
                for u in 0..<width {
                    for v in 0..<height where !kept.contains([(width - u) % width, (height - v) % height]) {
                        kept.insert([u, v])
                    }
                }
                #expect(ModelConfig.halfPlaneCount(width: width, height: height) == kept.count)
            }
        }
    }
}
