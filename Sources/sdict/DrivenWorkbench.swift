// The workbench in its own loop on a pseudo terminal, and someone who types there, to take times.

import Foundation
import SpectralScreen
import SpectralTerminal
import SpectralWorkbench
import Synchronization

/// What the last frame showed.
struct ShownFrame: Sendable {
    /// Keys applied before it was drawn, and when the first frame with all of them had been handed to the terminal.
    var keys = 0
    var keysTime = ContinuousClock.now
    var focus = Pane.prompt
    var checkpoint = WorkbenchState.Loading.underWay
    var isListing = true
    /// Of the last turn.
    var answer: Turn.Status?
    var measurement = Measurement.Status.none
    var lens: LensFindings.Status?
    var survey = AtomUsageState.Status.none
    var isSearching = false, hasStoppedComparing = false
    var hasSession = false
    var replay = SessionsScreenState.Replay.none
    /// What has come so far: words of a caption, stacks measured, random sets tried, images surveyed and searched, runs
    /// made again.
    var tokens = 0, stacks = 0, controls = 0, surveyed = 0, searched = 0, replayed = 0
    /// Whether nothing runs, and since when that was to be seen.
    var isIdle = false
    var idleTime = ContinuousClock.now

    init() {}

    init(_ session: WorkbenchSession, after last: ShownFrame) {
        let now = ContinuousClock.now, state = session.state
        keys = session.keysApplied
        focus = state.focus
        checkpoint = state.checkpoint
        isListing = state.isListing
        answer = state.turns.last?.status
        measurement = state.turns.last?.measurement.status ?? .none
        lens = state.lensScreen.findings?.status
        tokens = state.turns.last?.tokens.count ?? 0
        stacks = state.turns.last?.measurement.stacks.count ?? 0
        controls = state.lensScreen.findings?.controls.count ?? 0
        let usage = state.atomsScreen.usage, sessions = state.sessionsScreen
        (survey, surveyed) = (usage.status, usage.done)
        (isSearching, searched) = (state.compareScreen.search != nil, state.compareScreen.search?.done ?? 0)
        hasStoppedComparing = state.notice == CompareScreenState.stoppedNotice
        (hasSession, replay, replayed) = (sessions.session != nil, sessions.replay, sessions.outcomes.count)
        isIdle = session.isIdle
        keysTime = keys == last.keys ? last.keysTime : now
        idleTime = isIdle && last.isIdle ? last.idleTime : now
    }

    var isAnswering: Bool { answer == .waiting || answer == .running }
    var isMeasuring: Bool { measurement == .running }
}

final class DrivenWorkbench: Sendable {
    /// Longest wait for a frame.
    private static let patience = 120

    private struct TimeIsUp: Error, CustomStringConvertible {
        let what: String
        var description: String { "waited \(DrivenWorkbench.patience) seconds for \(what); is the machine too busy?" }
    }
    private struct Failure: Error, CustomStringConvertible { let description: String }

    private let screen: PseudoTerminal
    private let shown = Mutex(ShownFrame())
    private let bell = DispatchSemaphore(value: 0)
    /// Whether the person has had enough, and whether the terminal has been given back.
    private let isOver = Atomic<Bool>(false), isClosed = Atomic<Bool>(false)

    private init(_ size: ScreenSize) throws { screen = try PseudoTerminal(rows: size.rows, columns: size.columns) }

    /// Opens a workbench, calls `body` with it on another thread once checkpoint and images are loaded, and closes it.
    static func run<Value: Sendable>(
        _ options: WorkbenchOptions, size: ScreenSize, _ body: @escaping @Sendable (DrivenWorkbench) throws -> Value
    ) async throws -> Value {
        let driven = try DrivenWorkbench(size)
        async let drained: Void = OwnThread.run { driven.screen.drain { driven.isClosed.load(ordering: .relaxed) } }
        async let looped: Void = OwnThread.run { try driven.loop(options, size) }
        let outcome = try await OwnThread.run {
            Result {
                try driven.awaitStart()
                return try body(driven)
            }
        }
        driven.isOver.store(true, ordering: .relaxed)
        Terminal.wake()
        try await looped
        try await drained
        return try outcome.get()
    }

    private func loop(_ options: WorkbenchOptions, _ size: ScreenSize) throws {
        defer {
            isClosed.store(true, ordering: .relaxed)
            bell.signal()
        }
        let terminal: Terminal
        // The terminal at hand may be none that holds a screen; what is measured should not depend on it.
        do { terminal = try Terminal.open(files: screen.files, type: "xterm-256color") } catch {
            terminal = try Terminal.open(files: screen.files)
        }
        defer { terminal.close() }
        let session = WorkbenchSession(options: options, size: size, onMail: { Terminal.wake() })
        WorkbenchCommand.run(session, on: terminal) {
            shown.withLock { $0 = ShownFrame(session, after: $0) }
            bell.signal()
            return !isOver.load(ordering: .relaxed)
        }
    }

    private func awaitStart() throws {
        let frame = try wait(for: "the checkpoint") { $0.checkpoint != .underWay && !$0.isListing && $0.isIdle }
        if case .failed(let line) = frame.checkpoint { throw Failure(description: line) }
    }

    // MARK: The person

    var frame: ShownFrame { shown.withLock { $0 } }

    /// The first frame from now on of which `holds` is true, the present one included.
    @discardableResult
    func wait(for what: String, until holds: (ShownFrame) -> Bool) throws -> ShownFrame {
        let deadline = DispatchTime.now() + .seconds(Self.patience)
        while true {
            let frame = frame
            if holds(frame) { return frame }
            if isClosed.load(ordering: .relaxed) { throw Failure(description: "the screen was closed while waiting for \(what)") }
            guard bell.wait(timeout: deadline) == .success else { throw TimeIsUp(what: what) }
        }
    }

    /// Presses a key and returns the milliseconds until a frame with what it did had been handed to the terminal.
    @discardableResult
    func press(_ key: Key) throws -> Double { try press([key]) }

    /// Types keys in one go; the time is that of the last.
    @discardableResult
    func press(_ keys: [Key]) throws -> Double {
        let wanted = frame.keys + keys.count, start = ContinuousClock.now
        screen.feed(keys.flatMap(Self.bytes))
        return try wait(for: "a frame after a key") { $0.keys >= wanted }.keysTime.duration(since: start)
    }

    /// The key that means a command where the focus is, of those that are typed as one byte.
    func key(for command: Command) -> Key {
        let pane = frame.focus, keys = KeyMap.bindings.filter { $0.command == command }.flatMap(\.keys)
        return keys.first { !Self.bytes(of: $0).isEmpty && KeyMap.command(for: $0, in: pane) == command } ?? .escape
    }

    private static func bytes(of key: Key) -> [UInt8] {
        switch key {
        case .character(let character): Array(String(character).utf8)
        case .tab: [9]
        case .enter: [13]
        case .escape: [27]
        case .control(let letter): [(letter.asciiValue ?? 0x40) & 0x1F]
        default: []
        }
    }
}

extension ContinuousClock.Instant {
    /// Milliseconds.
    func duration(since start: ContinuousClock.Instant) -> Double { (self - start) / .milliseconds(1) }
}
