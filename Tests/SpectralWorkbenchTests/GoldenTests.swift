import Foundation
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Whole screens, played by the real runner and engine over a checkpoint that was never trained.
///
/// With SDICT_GOLDEN_OUT set to a folder the screens are written there too, to be looked at and taken over.
@Suite struct GoldenTests {
    private static let plain = Look(glyphs: .blocks, colors: .mono)
    private static let ascii = Look(glyphs: .ascii, colors: .mono)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let columns: Int
        let rows: Int
        let script: String
        var isASCII = false
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "start-80x24", columns: 80, rows: 24, script: ""),
        Case(name: "answer-120x40", columns: 120, rows: 40, script: "what shape is it?<enter><wait>"),
        Case(
            name: "answer-200x60", columns: 200, rows: 60,
            script: "what shape is it?<enter><wait><esc>c<wait><tab><tab>j<wait>", isASCII: true),
        Case(name: "caption-80x24", columns: 80, rows: 24, script: "<c-t><enter><wait>"),
        Case(name: "atoms-80x24", columns: 80, rows: 24, script: "how many?<enter><wait><esc><tab><tab>j<wait>"),
        Case(
            name: "box-60x20", columns: 60, rows: 20, script: "<esc>bred circle<enter><wait><s-tab><s-tab>",
            isASCII: true),
        Case(
            name: "patches-60x20", columns: 60, rows: 20,
            script: "what is it?<enter><wait><esc>mm<tab><tab><tab><tab>j<wait>", isASCII: true),
        Case(name: "torn-80x24", columns: 80, rows: 24, script: "<esc><s-tab>G<wait>a what<enter>"),
        Case(name: "stopped-80x24", columns: 80, rows: 24, script: "what is it?<enter><esc><wait>"),
        Case(name: "quit-80x24", columns: 80, rows: 24, script: "what is it?<enter><tab>q"),
        Case(name: "table-120x40", columns: 120, rows: 40, script: "what is it?<enter><wait><esc>2<wait>jj<wait>"),
        Case(name: "table-60x20", columns: 60, rows: 20, script: "<esc>2<wait>/text<enter><wait>", isASCII: true),
        Case(name: "use-120x40", columns: 120, rows: 40, script: "<esc>2<wait>jju<wait>"),
        Case(name: "coherence-80x24", columns: 80, rows: 24, script: "<esc>2<wait>jjK<wait>", isASCII: true),
        Case(name: "pixels-80x24", columns: 80, rows: 24, script: "<esc>2<wait>j<wait><tab><tab>s<wait>", isASCII: true),
        Case(name: "compare-120x40", columns: 120, rows: 40, script: "what shape is it?<enter><wait><esc>3<wait>"),
        Case(name: "compare-60x20", columns: 60, rows: 20, script: "<esc>bred circle<enter><wait><esc>3<wait>o{<wait>", isASCII: true),
        Case(name: "maps-80x24", columns: 80, rows: 24, script: "what shape is it?<enter><wait><esc>3<wait>djl", isASCII: true),
        Case(name: "matches-80x32", columns: 80, rows: 32, script: "<esc>3<wait><s-tab>jjj"),
        Case(name: "lens-120x40", columns: 120, rows: 40, script: "what is it?<enter><wait><esc>4:mute fusion/1,fusion/4<enter>bs<wait>"),
        Case(
            name: "lens-60x20", columns: 60, rows: 20, script: "<c-t><enter><wait><esc>4:shift vision/2=1.57<enter><wait><tab>",
            isASCII: true),
        Case(
            name: "controls-80x24", columns: 80, rows: 24,
            script: "<esc>bred circle<enter><wait><esc>4:scale vision/1=0.5<enter><wait><tab><tab>"),
        Case(name: "edits-80x24", columns: 80, rows: 24, script: "what is it?<enter><wait><esc>4:mute vision/<enter>", isASCII: true),
        Case(name: "sessions-80x24", columns: 80, rows: 24, script: "<esc>5w<c-u>/none/at/all.jsonl<enter><wait>"),
        Case(name: "help-80x24", columns: 80, rows: 24, script: "<esc>?"),
        Case(name: "small-50x12", columns: 50, rows: 12, script: ""),
        Case(name: "recovered-60x20", columns: 60, rows: 20, script: "<resize:40x8>x<resize:60x20>hello", isASCII: true),
    ]

    @Test(arguments: cases) func screen(_ golden: Case) async throws {
        let frame = try await TinyWorld.shared.play(
            golden.script, rows: golden.rows, columns: golden.columns, look: golden.isASCII ? Self.ascii : Self.plain)
        let text = frame.grid.text + "\n"
        if let folder = ProcessInfo.processInfo.environment["SDICT_GOLDEN_OUT"] {
            try text.write(toFile: "\(folder)/\(golden.name).txt", atomically: true, encoding: .utf8)
        }
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden")
        let expected = try String(contentsOf: folder.appendingPathComponent("\(golden.name).txt"), encoding: .utf8)
        let problem = ScreenComparison.difference(expected, text)
        #expect(problem == nil, "\(golden.name): \(problem ?? "")\n\(text)")
    }

    @Test func theSameScriptGivesTheSameScreen() async throws {
        let script = "what colour is it?<enter><wait><esc>c<wait><tab><tab><down><wait>"
        let first = try await TinyWorld.shared.play(script, rows: 40, columns: 120)
        let second = try await TinyWorld.shared.play(script, rows: 40, columns: 120)
        #expect(first == second)
    }

    @Test func aTextThatNeverComesIsSaid() async throws {
        await #expect(throws: ScriptError.textNeverCame("no such words")) {
            try await TinyWorld.shared.play("<wait:no such words>", rows: 24, columns: 80)
        }
        let frame = try await TinyWorld.shared.play("what is it?<enter><wait:K 6>", rows: 24, columns: 80)
        #expect(frame.grid.text.contains("K 6"))
    }

    @Test func everyScreenSaysThatItIsNotAttention() async throws {
        for (rows, columns) in [(24, 80), (40, 120), (60, 200)] {
            let frame = try await TinyWorld.shared.play("what is it?<enter><wait><esc><tab><tab>", rows: rows, columns: columns)
            #expect(frame.grid.text.contains("atom response, not attention"))
        }
    }
}

/// Compares screens so that another processor's rounding does not matter: figures may differ by one part in a hundred
/// or one in their last place, and a figure may have a digit more with a space less after it; all else must be the same.
enum ScreenComparison {
    static func difference(_ expected: String, _ found: String) -> String? {
        let a = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let b = found.split(separator: "\n", omittingEmptySubsequences: false)
        guard a.count == b.count else { return "expected \(a.count) lines, found \(b.count)" }
        for row in a.indices where a[row] != b[row] {
            let (x, y) = (pieces(a[row]), pieces(b[row]))
            guard a[row].count == b[row].count, x.count == y.count, zip(x, y).allSatisfy(agree) else {
                return "line \(row + 1): expected \(a[row].debugDescription), found \(b[row].debugDescription)"
            }
        }
        return nil
    }

    /// Figures and what stands between them.
    private static func pieces(_ line: Substring) -> [String] {
        var pieces: [String] = []
        var isFigure = false
        for character in line {
            let belongs = character.isASCII && (character.isNumber || character == ".")
            if belongs == isFigure, !pieces.isEmpty { pieces[pieces.count - 1].append(character) } else { pieces.append(String(character)) }
            isFigure = belongs
        }
        return pieces.map { $0.replacing(/\ +/, with: " ") }
    }

    private static func agree(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        guard let x = Double(a), let y = Double(b) else { return false }
        let decimals = a.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
        var step = 1.0
        for _ in 0..<decimals { step /= 10 }
        return abs(x - y) <= max(0.01 * abs(x), 1.01 * step)
    }
}

/// The comparison itself: what it lets pass and what not.
@Suite struct ScreenComparisonTests {
    @Test func onlyRoundingPasses() {
        #expect(ScreenComparison.difference("at 3.9961007 dB  |", "at 3.996101 dB   |") == nil)
        #expect(ScreenComparison.difference("K 6, 91.4% |", "K 6, 91.5% |") == nil)
        #expect(ScreenComparison.difference("91.4% |", "95.4% |") != nil)
        #expect(ScreenComparison.difference("-0.25 |", "+0.25 |") != nil)
        #expect(ScreenComparison.difference("red |", "rad |") != nil)
        #expect(ScreenComparison.difference("a |", "a  |") != nil)
        #expect(ScreenComparison.difference("a\nb", "a") != nil)
    }
}
