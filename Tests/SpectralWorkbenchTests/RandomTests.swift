import SpectralScreen
import TestSupport
import Testing

@testable import SpectralWorkbench

/// Keys, pastes and sizes drawn at random while the engine works: a real one, and one whose news comes at any time.
@Suite struct RandomTests {
    private static let keys: [Key] = Array("abccccccccmsrgGhjkl[]?ni 1111112345oOL/+xd{}RnNfX-MmvhlvuuKzZzZ").map { .character($0) } + [
        .up, .down, .left, .right, .enter, .enter, .tab, .tab, .backtab, .escape, .backspace, .delete, .home, .end,
        .pageUp, .pageDown, .control("t"), .control("w"), .control("l"), .control("u"), .function(1), .function(5),
    ]

    /// Lines of the palette that write nothing and quit nothing.
    private static let lines = [
        "mute vision/1", "shift fusion/0=1", "solo", "vision/2", "fusion/0/1", "text/99", "caption", "ask what is it?", "k 2", "k all",
        "image 2", "image torn", "images /none/at/all", "open /none.jsonl", "next-layer", "difference", "atoms", "lens", "help k",
        "mouse", "vsn", "\u{1B}[2J",
    ]

    private static func actions(_ random: inout Seeded) -> [Action] {
        switch Int.random(in: 0..<100, using: &random) {
        case 11..<15:
            let whole: [Action] = [.key(.character(":")), .paste(lines.randomElement(using: &random)!)]
            // Left open, what is completed would be any command, so it is left again.
            return whole + (Bool.random(using: &random) ? [.key(.enter)] : [.key(.tab), .key(.up), .key(.escape)])
        case 15..<18: return [.key(.character("/")), .paste(["e", "s", "A", "/"].randomElement(using: &random)!), .key(.enter)]
        case 18..<22:
            let action = MouseAction.allCases.randomElement(using: &random)!
            return [.mouse(action, row: Int.random(in: 0..<64, using: &random), column: Int.random(in: 0..<210, using: &random))]
        default: return [action(&random)]
        }
    }

    private static func action(_ random: inout Seeded) -> Action {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<4:
            return .resize(
                ScreenSize(rows: Int.random(in: 1...64, using: &random), columns: Int.random(in: 1...210, using: &random)))
        case 4..<8: return .resize(ScreenSize(rows: 24, columns: 80))
        case 8..<10: return .paste(["what colour?", "\u{1B}[31mred\u{202E}", "漢字👩‍👩‍👧é\n", ""].randomElement(using: &random)!)
        case 10: return .refresh
        default: return .key(keys.randomElement(using: &random)!)
        }
    }

    private struct Outcome: Sendable {
        var problems: [String] = []
        var statuses: [Turn.Status] = []
        var stepsWithWork = 0
    }

    // MARK: A real engine

    @Test(arguments: [1, 2]) func nothingStaleNothingBroken(seed: UInt64) async throws {
        let outcome = try await OwnThread.run { Self.play(seed: seed, steps: 2000) }
        #expect(outcome.problems == [])
        #expect(outcome.statuses.count > 3, "the run must have asked")
        #expect(outcome.statuses.contains(.done))
        #expect(outcome.stepsWithWork > 5, "keys must have come while the engine worked")
    }

    private static func play(seed: UInt64, steps: Int) -> Outcome {
        var random = Seeded(state: seed), outcome = Outcome()
        let session = WorkbenchSession(options: TinyWorld.shared.options, size: ScreenSize(rows: 24, columns: 80))
        session.start()
        while session.state.facts == nil, session.mailbox.wait(seconds: 600) { session.applyMail() }
        let look = [Look(), Look(glyphs: .ascii, colors: .mono)][Int(seed) % 2]
        var terminal = FakeTerminal()
        for step in 0..<steps {
            for action in actions(&random) { session.apply(action) }
            session.applyMail()
            if session.state.isQuitting { outcome.problems.append("step \(step): it quits") }
            let state = session.state
            if state.running != nil || state.measuring != nil { outcome.stepsWithWork += 1 }
            outcome.problems += terminal.show(session.frame(look), state.size).map { "step \(step): \($0)" }
        }
        session.stop()
        outcome.statuses = session.state.turns.map(\.status)
        return outcome
    }

    // MARK: News at any time

    /// Every key there is, those that write files too: nothing is carried out.
    private static let allKeys: [Key] = KeyMap.bindings.flatMap(\.keys) + keys

    private static func anyAction(_ random: inout Seeded, _ state: WorkbenchState) -> Action {
        let isLarge = state.size.rows * state.size.columns > 6000
        switch Int.random(in: 0..<100, using: &random) {
        // Large screens are drawn slowly here: a few steps of each must do.
        case 0..<(isLarge ? 40 : 5):
            let usual = [(24, 80), (20, 60), (40, 120), (32, 76), (24, 112), (1, 1), (19, 300), (100, 59)]
            let (rows, columns) = usual.randomElement(using: &random)!
            return .resize(ScreenSize(rows: rows, columns: columns))
        case 40:
            let (rows, columns) = (Int.random(in: 1...100, using: &random), Int.random(in: 1...300, using: &random))
            return .resize(ScreenSize(rows: rows, columns: columns))
        case 41: return .resize(ScreenSize(rows: 100, columns: 300))
        case 42: return .refresh
        case 43: return .paste(["what colour?", "\u{1B}[31mred\u{202E}", "mute vision/1", "", "4"].randomElement(using: &random)!)
        case 44: return .key(.character(Character("\(Int.random(in: 1...5, using: &random))")))
        default: return .key(allKeys.randomElement(using: &random)!)
        }
    }

    private struct Busy: Sendable {
        var answering = 0, measuring = 0, comparing = 0, looking = 0, replaying = 0
        var screens: Set<ScreenID> = []
        var sizes: Set<ScreenSize> = []
    }

    /// What gets each kind of work under way, whatever is open, from a screen of usual size.
    private static func starts(_ session: Session) -> [[Action]] {
        func keys(_ keys: [Key]) -> [Action] { keys.map { .key($0) } }
        let out: [Action] = [.resize(ScreenSize(rows: 24, columns: 80))] + keys([.escape, .escape, .escape])
        func typed(_ text: String) -> [Action] { keys(text.map { .character($0) }) }
        return [
            out + typed("1a") + keys([.control("u")]) + typed("why") + keys([.enter]), out + typed("3") + keys([.enter]),
            out + typed("2m"), out + [.sessionOpened(session)] + typed("5R"),
        ]
    }

    private static func playFake(seed: UInt64, steps: Int) throws -> (problems: [String], busy: Busy) {
        var random = Seeded(state: seed), engine = FakeEngine(seed: seed &+ 100), state = WorkbenchState.ready()
        var terminal = FakeTerminal(), problems: [String] = [], busy = Busy(), next: [Action] = []
        let starts = starts(try SessionFile.read(FakeEngine.tour))
        let looks = [Look(), Look(glyphs: .ascii, colors: .mono), Look(glyphs: .braille, colors: .eight, theme: .light)]
        let look = looks[Int(seed) % looks.count]
        for step in 0..<steps {
            if step % 40 == 0 { next = starts[step / 40 % starts.count] }
            // The least and the largest screen, in the middle of all this.
            if step % 200 == 30 { next = [.resize(ScreenSize(rows: 1, columns: 1))] }
            if step % 200 == 110 { next = [.resize(ScreenSize(rows: 100, columns: 300))] }
            // News comes one piece at a time, and more slowly than keys.
            let news = Int.random(in: 0..<4, using: &random) == 0 ? engine.next() : nil
            let action = news ?? (next.isEmpty ? anyAction(&random, state) : next.removeFirst())
            for effect in update(&state, action) { engine.hear(effect) }
            state.isQuitting = false
            if state.running != nil { busy.answering += 1 }
            if state.measuring != nil { busy.measuring += 1 }
            if state.compareScreen.isBusy { busy.comparing += 1 }
            if state.lensScreen.isRunning { busy.looking += 1 }
            if state.sessionsScreen.replay == .underWay { busy.replaying += 1 }
            busy.screens.insert(state.screen)
            busy.sizes.insert(state.size)
            problems += terminal.show(ScreenView.draw(state, look: look), state.size).map { "step \(step), \(state.focus): \($0)" }
        }
        return (problems, busy)
    }

    @Test(arguments: [3, 4, 5]) func newsMayComeAtAnyTime(seed: UInt64) async throws {
        let (problems, busy) = try await OwnThread.run { try Self.playFake(seed: seed, steps: 1000) }
        #expect(problems == [])
        let working = [busy.answering, busy.measuring, busy.comparing, busy.looking, busy.replaying]
        #expect(working.min()! > 0, "steps with an answer, a measuring, a comparison, a look and a replay under way: \(working)")
        #expect(busy.screens.count == ScreenID.allCases.count)
        #expect(busy.sizes.count > 6 && busy.sizes.contains(ScreenSize(rows: 1, columns: 1)))
        #expect(busy.sizes.contains(ScreenSize(rows: 100, columns: 300)))
    }
}

/// What a terminal that is sent nothing but changes shows.
private struct FakeTerminal {
    /// What it was told it shows, and what it does show.
    private var sent: CellGrid?
    private var shown = CellGrid(rows: 0, columns: 0)

    /// Sends a frame's changes; returns what is wrong then.
    mutating func show(_ frame: Frame, _ size: ScreenSize) -> [String] {
        let grid = frame.grid
        var problems: [String] = []
        if grid.rows != size.rows || grid.columns != size.columns {
            problems.append("\(grid.columns)x\(grid.rows) on a screen of \(size.columns)x\(size.rows)")
        }
        if shown.rows != grid.rows || shown.columns != grid.columns {
            // A terminal of another size holds anything.
            shown = CellGrid(rows: grid.rows, columns: grid.columns)
            shown.fill(shown.bounds, with: "#")
        }
        shown.apply(grid.changes(from: sent))
        sent = grid
        if shown != grid { problems.append("stale cells") }
        if let cursor = frame.cursor, !grid.bounds.contains(row: cursor.row, column: cursor.column) {
            problems.append("the cursor is off the screen")
        }
        return problems
    }
}
