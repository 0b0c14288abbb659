import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel

/// Reads the lists that columns are named by.
enum ColumnList {
    /// `34,16,8`: whole numbers, each once.
    ///
    /// - Throws: `WrongUse`.
    static func atoms(_ text: String) throws -> [Int] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        var list: [Int] = []
        for part in parts {
            guard let k = Int(part.trimmingCharacters(in: .whitespaces)) else {
                throw WrongUse(
                    description:
                        "--k: expected whole numbers separated by commas, found \(MessageText.printable(text)); write 34,16,8")
            }
            guard !list.contains(k) else { throw WrongUse(description: "--k: \(k) stands there twice; give every K once") }
            list.append(k)
        }
        return list
    }

    /// `DIR` or `DIR:K`; a folder whose own name ends so wins.
    static func checkpoint(_ text: String) -> (name: String, k: Int?) {
        guard let colon = text.lastIndex(of: ":"), let k = Int(text[text.index(after: colon)...]),
            !FileManager.default.fileExists(atPath: text)
        else { return (text, nil) }
        return (String(text[..<colon]), k)
    }

    /// - Throws: `WrongUse` for atoms that a checkpoint named by `--against` does not have.
    static func require(k: Int?, of config: ModelConfig, named name: String) throws {
        guard let k else { return }
        guard config.preset != .attention else {
            throw WrongUse(description: "--against \(name.printable):\(k): an attention model has no atoms; leave :\(k) out")
        }
        try require([k], of: config, named: name, option: "--against")
    }

    /// - Throws: `WrongUse` for the first that is no number of the checkpoint's vision atoms.
    static func require(_ ks: [Int], of config: ModelConfig, named name: String, option: String) throws {
        if !ks.isEmpty, config.preset == .attention {
            throw WrongUse(description: "\(option): the attention model \(name.printable) has no atoms; leave it out")
        }
        guard let k = ks.first(where: { !(1...config.visionAtoms).contains($0) }) else { return }
        throw WrongUse(
            description: "\(option) is out of range: expected 1 to \(config.visionAtoms), the atoms of \(name.printable), found \(k)")
    }
}

/// The columns of a comparison and the engines behind them, each checkpoint loaded once.
struct Columns {
    let sources: [ComparisonSource]
    private let engines: [(name: String, engine: Engine)]

    /// - Throws: `WrongUse` for a K that a checkpoint does not have, or a column named twice.
    init(checkpoint: String, ks: [Int], against: [String], transform: Transform) async throws {
        var sources: [ComparisonSource] = [], engines: [(name: String, engine: Engine)] = []
        var loaded: [String: (name: String, engine: Engine)] = [:]
        let others = against.map(ColumnList.checkpoint).map { (name: $0.name, ks: $0.k.map { [$0] } ?? [], isRival: true) }
        for (name, ks, isRival) in [(name: checkpoint, ks: ks, isRival: false)] + others {
            let path = try Bundled.checkpointPath(name), known = loaded[path]
            let engine: Engine
            let shown: String
            if let known {
                (shown, engine) = known
            } else {
                engine = try await Engine(checkpoint: path, transform: transform)
                // Two folders may share their last name.
                let short = Self.shortName(name)
                shown = engines.contains { $0.name == short } ? name : short
                loaded[path] = (shown, engine)
                engines.append((shown, engine))
                for warning in engine.info.warnings { Output.warning("\(shown): \(warning)") }
            }
            let config = engine.info.config
            if isRival {
                try ColumnList.require(k: ks.first, of: config, named: shown)
            } else {
                try ColumnList.require(ks, of: config, named: shown, option: "--k")
            }
            sources += try await engine.comparisonSources(checkpoint: shown, ks: ks.isEmpty ? nil : ks)
        }
        for (i, source) in sources.enumerated() {
            if sources[..<i].contains(where: { $0.column == source.column }) {
                throw WrongUse(description: "\(source.column.label.printable) is two columns; give every column once")
            }
        }
        self.sources = sources
        self.engines = engines
    }

    private static func shortName(_ name: String) -> String {
        let last = URL(fileURLWithPath: name).lastPathComponent
        return last.isEmpty || last == "/" ? name : last
    }

    /// Why answers about an image may be wrong, one line each, by checkpoint where there are several.
    func warnings(_ image: PixelImage, _ request: ComparisonRequest) async throws -> [String] {
        var lines: [String] = []
        for (name, engine) in engines {
            let prompts = [request.question, request.phrase].compactMap { $0 }
            var own = await engine.withModel { model in prompts.flatMap(model.promptWarnings).map(\.description) }
            let asked: [(job: ModelConfig.Job, isAsked: Bool)] = [(.vqa, request.question != nil), (.ground, request.phrase != nil)]
            for (job, isAsked) in asked where isAsked && !engine.info.config.does(job) {
                own.append("it was not trained to \(job.words), which is left out")
            }
            if let line = await engine.familiarity(of: image)?.warning { own.append(line) }
            lines += own.map { engines.count > 1 ? "\(name): \($0)" : $0 }
        }
        return lines
    }
}

extension ComparisonColumn {
    /// `scenes K 8`; the attention twin has no K.
    var label: String { preset == .attention ? checkpoint : "\(checkpoint) K \(k)" }
}
