// The view on disk: read once, written behind the screen's back, whole or not at all.

import Dispatch
import Foundation
import SpectralFormats
import Synchronization

public enum ViewFile {
    /// A view takes kilobytes; more is something else.
    private static let mostBytes = 4 << 20

    /// Where the view is kept; nil without a home.
    public static var usualPath: String? { UserFolders.state().map { $0 + "/view.json" } }

    /// The view that was kept; nil where there is none. A file that cannot be one is put aside, with one line on that.
    static func read(_ path: String) -> (view: ViewSnapshot?, problem: String?) {
        guard FileManager.default.fileExists(atPath: path) else { return (nil, nil) }
        func damaged(_ reason: String) -> (ViewSnapshot?, String?) {
            let aside = path + ".damaged", shown = MessageText.printable(path, limit: 200)
            let isAside = rename(path, aside) == 0
            let what = isAside ? "it is now \(MessageText.printable(aside, limit: 200))" : "remove it"
            return (nil, "the view of last time, \(shown), \(reason): \(what); starting afresh")
        }
        guard let data = PlainFile.read(path, most: mostBytes) else { return damaged("cannot be read") }
        do {
            var view = try JSONDecoder().decode(ViewSnapshot.self, from: data)
            guard view.version == ViewSnapshot.version else { return damaged("is of version \(view.version)") }
            view.columns.removeAll { column in column.folder.map { !holds($0, column) } ?? false }
            return (view, nil)
        } catch {
            let (key, problem) = MessageText.decoding(error, of: data, as: ViewSnapshot.self)
            return damaged("is damaged (" + (key.isEmpty ? "" : "\(key): ") + "\(problem))")
        }
    }

    /// Whether the folder of a column still has a checkpoint of as many atoms.
    private static func holds(_ folder: String, _ column: ViewSnapshot.Column) -> Bool {
        guard let data = PlainFile.read(folder + "/" + CheckpointFolder.configName, most: 1 << 20),
            let config = try? ModelConfig(json: data)
        else { return false }
        return config.visionAtoms == column.visionAtoms && (config.preset != .attention) == column.hasAtoms
    }

    static func bytes(of view: ViewSnapshot) throws -> Data { Data((try SessionJSON.text(view, isPretty: true) + "\n").utf8) }
}

/// Writes the view of a running workbench every so often and at its end, off the thread that draws.
public final class ViewKeeper: Sendable {
    /// Seconds from a change to its being written.
    private static let pause = 2

    private struct Memory {
        var latest: ViewSnapshot?
        var written: ViewSnapshot?
        var isWaiting = false
        var hasFailed = false
    }
    public let path: String
    /// Called on another thread with the bytes that should be in the file, long before they are.
    private let announce: @Sendable (Data) -> Void
    private let onProblem: @Sendable (String) -> Void
    private let memory = Mutex(Memory())
    private let queue = DispatchQueue(label: "view", qos: .userInitiated)

    init(path: String, announce: @escaping @Sendable (Data) -> Void, onProblem: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.announce = announce
        self.onProblem = onProblem
    }

    /// The last view handed over.
    var latest: ViewSnapshot? { memory.withLock { $0.latest } }

    /// Takes a view to be kept. Returns at once; an unchanged one costs nothing more.
    func keep(_ view: ViewSnapshot) {
        let (isNew, startsWaiting) = memory.withLock { memory in
            guard memory.latest != view else { return (false, false) }
            memory.latest = view
            defer { memory.isWaiting = true }
            return (true, !memory.isWaiting)
        }
        guard isNew else { return }
        queue.async { if let bytes = try? ViewFile.bytes(of: view) { self.announce(bytes) } }
        guard startsWaiting else { return }
        queue.asyncAfter(deadline: .now() + .seconds(Self.pause)) {
            self.memory.withLock { $0.isWaiting = false }
            self.write()
        }
    }

    /// Writes what has not been written; returns when it has.
    func finish() { queue.sync { write() } }

    private func write() {
        let view = memory.withLock { $0.latest == $0.written ? nil : $0.latest }
        guard let view else { return }
        do {
            try UserFolders.make((path as NSString).deletingLastPathComponent)
            try AtomicFile.write(path: path, ViewFile.bytes(of: view))
            memory.withLock { $0.written = view }
        } catch {
            let isFirst = memory.withLock { memory in
                defer { memory.hasFailed = true }
                return !memory.hasFailed
            }
            if isFirst {
                onProblem(
                    "the view cannot be kept in \(MessageText.printable(path, limit: 200)): check the folder and its permissions")
            }
        }
    }
}
