// Session files and replays, off the thread that owns the state.

import Foundation
import SpectralEngine
import SpectralFormats
import Synchronization

/// The file this sitting is recorded to, and which of its runs each turn became.
final class SessionRecorder: Sendable {
    private struct Recording {
        let file: SessionFile
        var runOfTurn: [Int: String] = [:]
    }
    private let recording = Mutex<Recording?>(nil)

    /// Starts recording to a new session, or goes on with one that is there.
    func start(_ path: String) throws -> Session {
        let isThere = FileManager.default.fileExists(atPath: path)
        let file = try isThere ? SessionFile(adding: path) : SessionFile.create(path, header: SessionHeader(title: "Sitting"))
        recording.withLock { $0 = Recording(file: file) }
        return file.session
    }

    /// Appends a finished turn; nil while nothing is recorded.
    func add(_ turn: Turn, checkpoint: (path: String, hash: String)) throws -> Session? {
        try recording.withLock { recording in
            guard let file = recording?.file else { return nil }
            let session = file.session, id = session.freeID("r")
            let bytes = try? Data(contentsOf: URL(fileURLWithPath: turn.request.imagePath))
            guard let run = SessionRun(
                turn, id: id, parent: turn.parent.flatMap { recording?.runOfTurn[$0] },
                checkpoint: SessionReference(checkpoint: checkpoint.path, session: session.path, hash: checkpoint.hash),
                image: SessionReference(
                    image: turn.request.imagePath, session: session.path, hash: bytes.map { FNV1a($0).hex }))
            else { return nil }
            try file.append(.run(run))
            recording?.runOfTurn[turn.id] = id
            return file.session
        }
    }

    func annotate(_ text: String, about: [String]?) throws -> Session? {
        try recording.withLock { recording in
            guard let file = recording?.file else { return nil }
            try file.append(.note(SessionNote(id: file.session.freeID("n"), about: about, text: text)))
            return file.session
        }
    }
}

extension Runner {
    /// Where sessions are looked for, the program's own first.
    private static let sessionFolders = ["sessions", "."]
    /// Files that are read to see whether they are sessions.
    private static let mostSessions = 200

    func listSessions() {
        let paths = Self.sessionFolders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
                .map { folder == "." ? $0 : "\(folder)/\($0)" }
        }
        mailbox.post(
            .sessionsListed(
                paths.prefix(Self.mostSessions).compactMap { path in
                    // Logs are JSON lines too.
                    guard let session = try? SessionFile.read(path), let header = session.header else { return nil }
                    return SessionChoice(path: path, title: header.title, about: header.about, runs: session.runs.count)
                }))
    }

    func open(session path: String) {
        do { mailbox.post(.sessionOpened(try SessionFile.read(path))) } catch { mailbox.post(.sessionFailed("\(error)")) }
    }

    func record(to path: String) {
        do { mailbox.post(.sessionRecording(try recorder.start(path))) } catch { mailbox.post(.sessionFailed("\(error)")) }
    }

    func record(_ turn: Turn) async {
        guard let engine else { return }
        do {
            let hash = try await engine.contentHash()
            if let session = try recorder.add(turn, checkpoint: (engine.info.path, hash)) { mailbox.post(.sessionGrown(session)) }
        } catch { mailbox.post(.sessionFailed("not recorded: \(error)")) }
    }

    func annotate(_ text: String, about: [String]?) {
        do {
            if let session = try recorder.annotate(text, about: about) { mailbox.post(.sessionGrown(session)) }
        } catch { mailbox.post(.sessionFailed("not recorded: \(error)")) }
    }

    func replay(_ session: Session, number: Int) async {
        var replay = SessionReplay(session)
        do {
            _ = try await replay.play { [mailbox] made in
                mailbox.post(
                    .replayed(number, ReplayOutcome(run: made.run.id, text: made.found?.text, differences: made.differences)))
            }
            mailbox.post(.replayEnded(number, problem: nil))
        } catch is CancellationError {
            // Whoever cancelled knows.
        } catch { mailbox.post(.replayEnded(number, problem: "\(error)")) }
    }
}
