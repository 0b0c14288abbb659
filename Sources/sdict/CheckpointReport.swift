// What `sdict inspect` says of a checkpoint, gathered once and written as text or JSON.

import Foundation
import SpectralFormats
import SpectralModel

struct CheckpointReport {
    struct Module: Encodable {
        let module: String
        var tensors: Int
        var parameters: Int
    }
    struct File: Encodable {
        let file: String
        let bytes: Int
    }
    struct Vocabulary: Encodable {
        let tokens: Int
        let special: Int
        let longestPrompt: Int
        let longestOutput: Int
    }
    struct Measured: Encodable {
        let images: Int
        let k: Int
    }
    private struct Facts: Encodable {
        let path: String
        let hash: String
        let config: ModelConfig
        let parameters: Int
        let modules: [Module]
        let tokenizer: Vocabulary
        let answers: Int
        let files: [File]
        let familiarity: Measured?
        let metadata: [String: String]
        let k: Int
        let stateBytes: Int
        let warnings: [String]
    }

    private let facts: Facts
    private let evaluation: Any?
    var warnings: [String] { facts.warnings }

    /// - Throws: `SafetensorsError` when the weights change meanwhile, `CheckpointError` for a bad `familiarity.json`.
    ///
    /// - Parameter k: vision atoms to size the decoding state with.
    init(_ model: LoadedModel, k: Int) throws {
        let folder = model.folder, config = model.config
        var modules: [Module] = []
        for parameter in model.parameters {
            let name = String(parameter.name.prefix { $0 != "." })
            let place = modules.firstIndex { $0.module == name } ?? modules.endIndex
            if place == modules.endIndex { modules.append(Module(module: name, tensors: 0, parameters: 0)) }
            modules[place].tensors += 1
            modules[place].parameters += parameter.values.count
        }
        var warnings = model.warnings
        evaluation = folder.evaluation.flatMap { try? JSONSerialization.jsonObject(with: $0) }
        if folder.evaluation != nil, evaluation == nil {
            warnings.append("\(CheckpointFolder.evaluationName): it is not JSON and is not shown; write it again with sdict eval")
        }
        facts = Facts(
            path: folder.path, hash: try folder.contentHash(), config: config, parameters: model.parameterCount,
            modules: modules,
            tokenizer: Vocabulary(
                tokens: model.tokenizer.vocabularySize, special: model.tokenizer.addedTokens.count(where: \.isSpecial),
                longestPrompt: config.maxPrompt, longestOutput: config.maxSuffix),
            answers: model.answers.count, files: Self.files(in: folder.path),
            familiarity: try Familiarity.read(folder: folder.path, config: config).map {
                Measured(images: $0.images, k: $0.k)
            },
            metadata: folder.weights.metadata,
            k: k, stateBytes: model.decodingStateBytes(k: k),
            warnings: warnings)
    }

    private static func files(in folder: String) -> [File] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
            guard attributes?[.type] as? FileAttributeType == .typeRegular, let bytes = attributes?[.size] as? Int else {
                return nil
            }
            return File(file: name, bytes: bytes)
        }
    }

    /// One object on one line, keys in alphabetical order.
    func json() throws -> Data {
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(facts))
        var object = encoded as? [String: Any] ?? [:]
        object["familiarity"] = object["familiarity"] ?? NSNull()
        object["evaluation"] = evaluation ?? NSNull()
        return try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    }

    // MARK: Text

    var lines: [String] {
        let c = facts.config
        var lines = [
            row("checkpoint", facts.path.printable),
            row("hash", facts.hash),
            row("preset", "\(c.preset.rawValue), "
                    + (c.omits ?? []).map { "without \($0.rawValue), " }.joined()
                    + (c.salienceGroups.map { "\($0) salience mask\($0 == 1 ? "" : "s"), " } ?? "")
                    + (c.steering.map { "steering by \($0) mask\($0 == 1 ? "" : "s"), " } ?? "")
                    + (c.suffixState == .text ? "suffix on text atoms, " : "")
                    + "phase bias \(c.phaseBias.rawValue), ridge \(c.ridge)"),
            row("width", "\(c.width) channels, MLP \(c.mlpRatio) times that"),
            row("layers", "\(c.visionLayers) vision + \(c.textLayers) text + \(c.fusionLayers) fusion"),
            row(
                "atoms",
                c.preset == .attention
                    ? "none: the attention twin, heads of \(c.headWidth)"
                    : "K \(c.visionAtoms) vision + \(c.textAtoms) text"),
            row(
                "images",
                "\(c.imageSize) x \(c.imageSize) pixels in patches of \(c.patchSize) x \(c.patchSize)"
                    + (c.positionCode ? ", position code" : "") + (c.patchMLP ? ", patch MLP" : "")),
            row(
                "tokenizer",
                "\(facts.tokenizer.tokens) tokens, \(facts.tokenizer.special) of them special; "
                    + "prompts to \(c.maxPrompt), outputs to \(c.maxSuffix)"),
            row("trained to", (c.jobs ?? ModelConfig.Job.allCases).map(\.words).joined(separator: ", ")),
            row("answers", c.does(.vqa) ? "\(facts.answers)" : "none"),
            row("parameters", grouped(facts.parameters)),
            row(
                "decoding state",
                "\(grouped(facts.stateBytes)) bytes after the first word"
                    + (c.preset == .attention ? ", more with every word" : " and after any other, at K \(facts.k)")),
        ]
        for module in facts.modules {
            lines.append(
                row(
                    "  \(module.module.printable)",
                    "\(grouped(module.parameters)) in \(module.tensors) tensor\(module.tensors == 1 ? "" : "s")"))
        }
        if !facts.metadata.isEmpty { lines.append(row("metadata", "as the weights say")) }
        for (key, value) in facts.metadata.sorted(by: { $0.key < $1.key }) {
            lines.append(row("  \(key.printable)", value.printable))
        }
        lines.append(row("files", grouped(facts.files.reduce(0) { $0 + $1.bytes }) + " bytes"))
        for file in facts.files { lines.append(row("  \(file.file.printable)", grouped(file.bytes))) }
        let familiarity = facts.familiarity.map { "measured on \(grouped($0.images)) training images" }
        lines.append(row("familiarity", familiarity ?? "not measured: images unlike the training images get no warning"))
        lines.append(row("evaluation", evaluation == nil ? "none" : CheckpointFolder.evaluationName))
        if let evaluation {
            // Of a table of several the first column is this checkpoint's.
            let figures = Self.flat(evaluation, "")
            let own = figures.filter { !$0.key.hasPrefix("columns.") || $0.key.hasPrefix("columns.0.") }
            lines += own.map { row("  \($0.key.printable)", $0.value.printable) }
            let others = figures.count - own.count
            if others > 0 { lines.append("  and \(others) figures of other columns, which --json prints") }
        }
        return lines
    }

    private func row(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 26 - name.count)) + value
    }

    private func grouped(_ number: Int) -> String {
        var text = "", digits = String(number)
        while digits.count > 3 {
            text = "," + digits.suffix(3) + text
            digits.removeLast(3)
        }
        return digits + text
    }

    /// Four digits are more than any of them is sure of.
    private static func rounded(_ number: NSNumber) -> String {
        number.doubleValue == number.doubleValue.rounded() ? "\(number)" : String(format: "%.4g", number.doubleValue)
    }

    /// The leaves of a JSON value by their dotted keys, in alphabetical order.
    static func flat(_ value: Any, _ key: String) -> [(key: String, value: String)] {
        func joined(_ part: String) -> String { key.isEmpty ? part : key + "." + part }
        switch value {
        case let object as [String: Any]:
            return object.sorted { $0.key < $1.key }.flatMap { flat($0.value, joined($0.key)) }
        case let list as [NSNumber]:
            return [(key, list.map(rounded).joined(separator: ", "))]
        case let number as NSNumber:
            return [(key, rounded(number))]
        case let list as [Any]:
            return list.enumerated().flatMap { flat($0.element, joined("\($0.offset)")) }
        default:
            return [(key, "\(value)")]
        }
    }
}
