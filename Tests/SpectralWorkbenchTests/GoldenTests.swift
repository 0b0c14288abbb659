import Foundation
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Whole screens, played by the real runner and engine over a checkpoint that was never trained.
///
/// With SDICT_GOLDEN_OUT set to a folder the screens are written there too, to be looked at and taken over. Those that
/// end in .ansi show as they are on a terminal of 256 colours.
@Suite struct GoldenTests {
    /// How a screen is drawn: characters alone, or with the escape sequences that colour it.
    enum Drawing: String, Sendable {
        case mono, ascii, braille, colour

        var look: Look {
            switch self {
            case .mono: Look(glyphs: .blocks, colors: .mono)
            case .ascii: Look(glyphs: .ascii, colors: .mono)
            case .braille: Look(glyphs: .braille, colors: .mono)
            case .colour: Look()
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let columns: Int
        let rows: Int
        let script: String
        var isASCII = false
        /// Drawn in colour as well, into a file of its own.
        var isColoured = false
        var isBraille = false
        var testDescription: String { name }

        /// The file of each drawing.
        var drawings: [(file: String, drawing: Drawing)] {
            let plain: Drawing = isASCII ? .ascii : isBraille ? .braille : .mono
            return [("\(name).txt", plain)] + (isColoured ? [("\(name).ansi", .colour)] : [])
        }
    }

    // MARK: Every screen at every size

    private static let sizes = [(60, 20), (80, 24), (120, 40), (200, 60)]

    /// A screen at all sizes, and the sizes at which it is drawn in ASCII or in colour too.
    private static func everywhere(_ name: String, ascii: [Int], coloured: [Int] = [], _ script: String) -> [Case] {
        sizes.map { columns, rows in
            Case(
                name: "\(name)-\(columns)x\(rows)", columns: columns, rows: rows, script: script, isASCII: ascii.contains(columns),
                isColoured: coloured.contains(columns))
        }
    }

    private static let screens = [
        everywhere("answer", ascii: [60, 200], coloured: [80], "what shape is it?<enter><wait>"),
        everywhere("table", ascii: [80], coloured: [60], "what is it?<enter><wait><esc>2<wait>jj<wait>"),
        everywhere("compare", ascii: [80, 200], "what shape is it?<enter><wait><esc>3<wait>"),
        everywhere(
            "lens", ascii: [60, 200], coloured: [80], "what is it?<enter><wait><esc>4wmute fusion/1,fusion/4<enter>bs<wait>"),
        everywhere("sessions", ascii: [120], coloured: [60], "<esc>5o<c-u>\(FakeEngine.tour)<enter><wait>jjj"),
    ].flatMap { $0 }

    // MARK: One state each

    static let cases = screens + [
        Case(name: "start-80x24", columns: 80, rows: 24, script: ""),
        Case(name: "caption-80x24", columns: 80, rows: 24, script: "<c-t><enter><wait>"),
        Case(name: "word-120x40", columns: 120, rows: 40, script: "what shape is it?<enter><wait><esc>llll<wait>"),
        Case(name: "token-80x24", columns: 80, rows: 24, script: "<c-t><enter><wait><esc>lll<wait>", isASCII: true),
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
        Case(name: "use-120x40", columns: 120, rows: 40, script: "<esc>2<wait>jju<wait>"),
        Case(name: "coherence-80x24", columns: 80, rows: 24, script: "<esc>2<wait>jjK<wait>", isASCII: true),
        Case(name: "filter-60x20", columns: 60, rows: 20, script: "<esc>2<wait>/text<enter><wait>", isASCII: true),
        Case(name: "pixels-80x24", columns: 80, rows: 24, script: "<esc>2<wait>j<wait><tab><tab>s<wait>", isASCII: true),
        Case(name: "dots-80x24", columns: 80, rows: 24, script: "<esc>2<wait>j<wait><tab><tab>szz<wait>", isBraille: true),
        Case(name: "preview-60x20", columns: 60, rows: 20, script: "<esc><s-tab>j<wait>", isBraille: true),
        Case(name: "found-60x20", columns: 60, rows: 20, script: "<esc>bred circle<enter><wait><esc>3<wait>o{<wait>", isASCII: true),
        Case(name: "maps-80x24", columns: 80, rows: 24, script: "what shape is it?<enter><wait><esc>3<wait>djlz", isASCII: true),
        Case(name: "matches-80x32", columns: 80, rows: 32, script: "<esc>3<wait><s-tab>jjj"),
        Case(
            name: "shift-60x20", columns: 60, rows: 20, script: "<c-t><enter><wait><esc>4wshift vision/2=1.57<enter><wait><tab>",
            isASCII: true),
        Case(
            name: "controls-80x24", columns: 80, rows: 24,
            script: "<esc>bred circle<enter><wait><esc>4wscale vision/1=0.5<enter><wait><tab><tab>"),
        Case(name: "edits-80x24", columns: 80, rows: 24, script: "what is it?<enter><wait><esc>4wmute vision/<enter>", isASCII: true),
        Case(name: "unmade-80x24", columns: 80, rows: 24, script: "<esc>5w<c-u>/none/at/all.jsonl<enter><wait>"),
        Case(name: "help-80x24", columns: 80, rows: 24, script: "<esc>?"),
        Case(name: "search-80x24", columns: 80, rows: 24, script: "<esc>?/palette<enter>n", isASCII: true),
        Case(name: "palette-120x40", columns: 120, rows: 40, script: "what shape is it?<enter><wait><esc>:ne<tab><tab>"),
        Case(name: "small-50x12", columns: 50, rows: 12, script: ""),
        Case(name: "recovered-60x20", columns: 60, rows: 20, script: "<resize:40x8>x<resize:60x20>hello", isASCII: true),
    ]

    /// Plays the script once, whatever it is drawn in.
    @Test(arguments: cases) func screen(_ golden: Case) async throws {
        let state = try await TinyWorld.shared.state(after: golden.script, rows: golden.rows, columns: golden.columns)
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden")
        for (file, drawing) in golden.drawings {
            let grid = ScreenView.draw(state, look: drawing.look).grid
            let text = drawing == .colour ? grid.colouredText(drawing.look) : grid.text + "\n"
            if let out = ProcessInfo.processInfo.environment["SDICT_GOLDEN_OUT"] {
                try text.write(toFile: "\(out)/\(file)", atomically: true, encoding: .utf8)
            }
            let expected = try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            let problem = ScreenComparison.difference(expected ?? "no such file", text)
            #expect(problem == nil, "\(file): \(problem ?? "")\n\(grid.text)")
        }
    }

    @Test func everyScreenIsThereInEveryDrawing() {
        let all = Self.screens.flatMap { golden in golden.drawings.map { (golden.columns, $0.drawing) } }
        for drawing in [Drawing.mono, .ascii, .colour] { #expect(all.count { $0.1 == drawing } >= 2) }
        let names = Self.cases.flatMap { $0.drawings.map(\.file) }
        #expect(Set(names).count == names.count)
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
/// or one in their last place, and a figure may have a digit more with a space less after it; all else must be the same,
/// escape sequences to the letter.
enum ScreenComparison {
    static func difference(_ expected: String, _ found: String) -> String? {
        let a = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let b = found.split(separator: "\n", omittingEmptySubsequences: false)
        guard a.count == b.count else { return "expected \(a.count) lines, found \(b.count)" }
        for row in a.indices where a[row] != b[row] {
            let (x, y) = (pieces(a[row]), pieces(b[row]))
            guard sequences(a[row]) == sequences(b[row]) else { return "line \(row + 1) has other colours" }
            guard a[row].count == b[row].count, x.count == y.count, x.indices.allSatisfy({ agree(x, y, $0) }) else {
                return "line \(row + 1): expected \(a[row].debugDescription), found \(b[row].debugDescription)"
            }
        }
        return nil
    }

    private static func sequences(_ line: Substring) -> [String] {
        line.split(separator: "\u{1B}[", omittingEmptySubsequences: false).dropFirst().map { String($0.prefix { $0 != "m" }) }
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
        return pieces
    }

    private static func agree(_ x: [String], _ y: [String], _ place: Int) -> Bool {
        let (a, b) = (x[place], y[place])
        if a == b { return true }
        guard let first = Double(a), let second = Double(b) else {
            // Blanks give way to a figure beside them that is longer or shorter, and to nothing else.
            func isMoved(_ place: Int) -> Bool { x.indices.contains(place) && x[place].count != y[place].count }
            guard isMoved(place - 1) || isMoved(place + 1) else { return false }
            return a.replacing(/\ +/, with: " ") == b.replacing(/\ +/, with: " ")
        }
        let decimals = a.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
        var step = 1.0
        for _ in 0..<decimals { step /= 10 }
        return abs(first - second) <= max(0.01 * abs(first), 1.01 * step)
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
        #expect(ScreenComparison.difference("a   b |", "a  b  |") != nil, "columns must not move")
        #expect(ScreenComparison.difference("p  9.99 |", "p 10.00 |") == nil)
        #expect(ScreenComparison.difference("a\nb", "a") != nil)
        #expect(ScreenComparison.difference("\u{1B}[0;38;5;53m5.01", "\u{1B}[0;38;5;53m5.02") == nil)
        #expect(ScreenComparison.difference("\u{1B}[0;38;5;53m5.01", "\u{1B}[0;38;5;54m5.01") != nil)
    }
}
