// Asks the columns of the Compare screen: one unit of work at a time, so that an answer on the Ask screen never waits
// behind more than one of them.

import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel
import Synchronization

/// Engines of other checkpoints than the loaded one, and the columns made of any.
final class ColumnEngines: Sendable {
    private struct Table {
        /// The longest unused first.
        var engines: [(folder: String, engine: Engine)] = []
        var sources: [CompareColumn: ComparisonSource] = [:]
    }
    /// As many as there can be columns.
    private static let kept = CompareScreenState.mostColumns
    private let table = Mutex(Table())

    /// The engine of a checkpoint folder, loaded unless it is known.
    ///
    /// - Throws: what `Engine.init` throws.
    func engine(_ folder: String) async throws -> Engine {
        if let known = use(folder) { return known }
        let made = try await Engine(checkpoint: folder)
        return table.withLock { table in
            // Another task may have been faster.
            if let known = table.engines.first(where: { $0.folder == folder })?.engine { return known }
            table.engines.append((folder, made))
            if table.engines.count > Self.kept {
                let gone = table.engines.removeFirst().folder
                table.sources = table.sources.filter { $0.key.folder != gone }
            }
            return made
        }
    }

    private func use(_ folder: String) -> Engine? {
        table.withLock { table in
            guard let place = table.engines.firstIndex(where: { $0.folder == folder }) else { return nil }
            let known = table.engines.remove(at: place)
            table.engines.append(known)
            return known.engine
        }
    }

    /// A column of `engine`. Its first making reads all weights for their hash.
    ///
    /// - Throws: `EngineError` or `SafetensorsError`.
    func source(_ column: CompareColumn, of engine: Engine) async throws -> ComparisonSource {
        if let known = table.withLock({ $0.sources[column] }) { return known }
        let made = try await engine.comparisonSources(checkpoint: column.name, ks: [column.k])[0]
        table.withLock { table in
            // The outputs are kept elsewhere; a long evening of other K must not pile up closures.
            if table.sources.count >= 64 { table.sources.removeAll() }
            table.sources[column] = made
        }
        return made
    }
}

extension Runner {
    func run(compare order: CompareOrder) {
        switch order {
        case .ask(let request):
            cancel([.compare])
            start(.compare) { await $0.ask(request) }
        case .open(let text):
            cancel([.openColumn])
            start(.openColumn) { await $0.open(text) }
        case .search(let order):
            cancel([.searchColumns])
            start(.searchColumns) { await $0.search(order) }
        case .stop: cancel([.compare, .openColumn, .searchColumns])
        }
    }

    private func post(_ news: CompareNews) { mailbox.post(.compare(news)) }

    private func owner(of column: CompareColumn) async throws -> Engine {
        if let folder = column.folder { return try await columnEngines.engine(folder) }
        guard let engine else { throw ColumnError.noCheckpoint }
        return engine
    }

    private func ask(_ request: CompareRequest) async {
        defer { post(.ended(request: request.id)) }
        let path = request.subject.imagePath, image: PixelImage
        do { image = try ImageFile.load(path) } catch {
            let line = ImageCatalogue.line(error, about: path)
            mailbox.post(.imageRead(path: path, .broken(line)))
            for column in request.columns { post(.failed(CompareKey(column: column, subject: request.subject), line)) }
            return
        }
        for column in request.columns {
            guard !Task.isCancelled else { return }
            let key = CompareKey(column: column, subject: request.subject)
            do { post(.compared(key, try await compare(column, image, request.subject.question))) } catch {
                if Task.isCancelled { return }
                post(.failed(key, "\(error)"))
            }
        }
    }

    private func compare(
        _ column: CompareColumn, _ image: PixelImage, _ question: CompareQuestion
    ) async throws -> ComparedColumn {
        let engine = try await owner(of: column), source = try await columnEngines.source(column, of: engine)
        let output = try await source.ask(image, [question.request(wantsCaption: true)])[0]
        try Task.checkCancellation()
        let isTrained = ModelConfig.Job(question.task.token).map(engine.info.config.does) ?? true
        guard column.hasAtoms, isTrained else { return ComparedColumn(column: source.column, output: output, patches: nil) }
        let patches = try await engine.withSeen(image, k: column.k) { model, seen in
            let probe = try AnswerProbe(model, seen, task: question.task.token, prompt: question.prompt)
            // Patches meet the prompt's words before there is any output: which one is traced does not matter.
            return probe.trace(.answer(0)).patchAlignment()?.alignment
        }
        return ComparedColumn(column: source.column, output: output, patches: patches)
    }

    private func open(_ text: String) async {
        do {
            let (name, k) = Self.checkpoint(text)
            let folder = try Bundled.checkpointPath(UserFolders.expanded(name))
            let isLoaded = Self.isSameFolder(folder, engine?.info.path)
            let known = isLoaded ? engine : nil
            let config: ModelConfig
            if let known { config = known.info.config } else { config = try await columnEngines.engine(folder).info.config }
            let limit = config.visionAtoms
            let short = folder.split(separator: "/").last.map(String.init) ?? folder
            if let k, !(1...limit).contains(k) { throw EngineError.kOutOfRange(found: k, limit: limit) }
            let column = CompareColumn(
                folder: isLoaded ? nil : folder, name: short, k: k ?? limit, visionAtoms: limit,
                hasAtoms: config.preset != .attention)
            post(.opened(text, column))
        } catch { post(.notOpened(text, problem: "\(error)")) }
    }

    /// `DIR` or `DIR:K`; a folder whose own name ends so wins.
    private static func checkpoint(_ text: String) -> (name: String, k: Int?) {
        guard let colon = text.lastIndex(of: ":"), let k = Int(text[text.index(after: colon)...]),
            !FileManager.default.fileExists(atPath: text)
        else { return (text, nil) }
        return (String(text[..<colon]), k)
    }

    private static func isSameFolder(_ a: String, _ b: String?) -> Bool {
        func place(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
        return b.map { place(a) == place($0) } ?? false
    }

    private func search(_ order: DisagreementOrder) async {
        do {
            var sources: [ComparisonSource] = []
            for column in order.columns {
                let source = try await columnEngines.source(column, of: owner(of: column))
                sources.append(source.oneByOne)
            }
            var before = 0
            for leg in order.legs {
                let base = before
                let places = DisagreementSearch(
                    sources, images: leg.images, requests: leg.questions.map { $0.request(wantsCaption: false) },
                    progress: { step in
                        let isUnreadable = step.problem != nil
                        self.post(.searched(search: order.id, done: base + step.done, isUnreadable: isUnreadable))
                    })
                for try await place in places {
                    let subject = CompareSubject(imagePath: place.path, question: CompareQuestion(place.request))
                    return post(.found(search: order.id, subject))
                }
                before += leg.images.count
            }
            post(.found(search: order.id, nil))
        } catch {
            if !Task.isCancelled { post(.searchFailed(search: order.id, problem: "\(error)")) }
        }
    }
}

/// Why a column cannot be asked.
enum ColumnError: Error, CustomStringConvertible {
    case noCheckpoint

    var description: String { "there is no checkpoint to ask; start again with --checkpoint DIR" }
}

extension ComparisonSource {
    /// The same, with its engine free for others between one request and the next.
    fileprivate var oneByOne: ComparisonSource {
        ComparisonSource(column) { image, requests in
            var outputs: [ColumnOutput] = []
            for request in requests { outputs += try await ask(image, [request]) }
            return outputs
        }
    }
}

extension CompareQuestion {
    init(_ request: ComparisonRequest) {
        if let question = request.question {
            self.init(task: .ask, prompt: question)
        } else if let phrase = request.phrase {
            self.init(task: .ground, prompt: phrase)
        } else {
            self = .caption
        }
    }

    /// - Parameter wantsCaption: besides the question; a caption alone is always asked for. With it times are to be
    ///   shown, and the first run is not the one that is timed.
    func request(wantsCaption: Bool) -> ComparisonRequest {
        ComparisonRequest(
            wantsCaption: wantsCaption || task == .caption, question: task == .ask ? prompt : nil,
            phrase: task == .ground ? prompt : nil, warmsUp: wantsCaption)
    }
}
