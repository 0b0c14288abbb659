import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Keys, pastes and sizes drawn at random while the engine works.
@Suite struct RandomTests {
    private static let keys: [Key] = Array("abccccccccmsrgGhjkl[]?ni 1111112345oOL/+xd{}Rn:X-MmuuK").map { .character($0) } + [
        .up, .down, .left, .right, .enter, .enter, .tab, .tab, .backtab, .escape, .backspace, .delete, .home, .end,
        .pageUp, .pageDown, .control("t"), .control("w"), .control("l"), .control("u"), .function(1), .function(5),
    ]

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

    /// What a terminal shows after every change equals the whole screen, and no cell is broken.
    @Test(arguments: [1, 2]) func nothingStaleNothingBroken(seed: UInt64) async throws {
        let outcome = try await OwnThread.run { Self.play(seed: seed, steps: 2500) }
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
        var shown: CellGrid?
        for step in 0..<steps {
            session.apply(action(&random))
            session.applyMail()
            let (state, frame) = (session.state, session.frame(look))
            let grid = frame.grid
            if state.running != nil || state.measuring != nil { outcome.stepsWithWork += 1 }
            if grid.rows != state.size.rows || grid.columns != state.size.columns {
                outcome.problems.append("step \(step): \(grid.columns)x\(grid.rows) on a screen of \(state.size)")
            }
            if var terminal = shown, terminal.rows == grid.rows, terminal.columns == grid.columns {
                terminal.apply(grid.changes(from: shown))
                if terminal != grid { outcome.problems.append("step \(step): stale cells") }
            }
            if let cursor = frame.cursor, !grid.bounds.contains(row: cursor.row, column: cursor.column) {
                outcome.problems.append("step \(step): the cursor is off the screen")
            }
            shown = grid
        }
        session.stop()
        outcome.statuses = session.state.turns.map(\.status)
        return outcome
    }
}
