@testable import SpectralLens
import SpectralModel
import SpectralScreen
import TestSupport
import Testing

@testable import SpectralWorkbench

/// The Atoms screen by its state: keys in, rows and requests out.
@Suite struct AtomsScreenTests {
    private static func record(_ stack: AtomStack, _ index: Int, _ frequency: [Float], amplitude: Float, dead: Bool = false) -> AtomRecord {
        let length = frequency.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return AtomRecord(
            stack: stack, index: index, frequency: frequency, period: length > 0 ? 1 / length : nil,
            periodUnit: stack == .text ? "tokens" : "patches", direction: nil, isInUse: true,
            layers: [
                AtomLayerUse(layer: 0, amplitude: amplitude, phase: 0, meanGain: 1, meanCrossGain: nil, energyShare: nil, imagePart: nil),
                AtomLayerUse(layer: 1, amplitude: amplitude, phase: 1, meanGain: 1, meanCrossGain: nil, energyShare: nil, imagePart: nil),
            ], energyShare: nil, isDead: dead, duplicateOf: nil, isNearNyquist: length > 0.45)
    }

    private static let records = [
        record(.vision, 0, [0, 0], amplitude: 1), record(.vision, 1, [0.25, 0], amplitude: 3),
        record(.vision, 2, [0, 0.5], amplitude: 2, dead: true), record(.text, 0, [0.1], amplitude: 1),
    ]

    private func opened(_ size: ScreenSize = ScreenSize(rows: 40, columns: 120)) -> WorkbenchState {
        var state = WorkbenchState(size: size)
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "tiny", preset: "gated", visionAtoms: 3, hasAtoms: true, warnings: [])))
        _ = update(&state, .key(.escape))
        #expect(update(&state, .key(.character("2"))) == [.listAtoms])
        #expect(state.screen == .atoms)
        #expect(update(&state, .atomsListed(Self.records)) == [.detailAtom(AtomMapsRequest(address: AtomAddress(.vision, atom: 0), layer: 0))])
        return state
    }

    private func type(_ text: String, _ state: inout WorkbenchState) {
        for character in text { _ = update(&state, .key(.character(character))) }
    }

    private func names(_ state: WorkbenchState) -> [String] { state.listedAtoms.map { "\($0.address)" } }

    /// A picture of a line spectrum is the bars that the screen shows, with a bar for each bin; its numbers are the map's.
    @Test func aLineSpectrumIsSavedAsItsBars() throws {
        var state = opened()
        for _ in 0..<3 { _ = update(&state, .key(.down)) }
        let request = try #require(state.atomsScreen.requested)
        let line = Heatmap(
            title: "|line|", rows: 1, columns: 90, values: (0..<90).map { 1 / (1 + abs(Float($0) - 18)) },
            scale: .decibel(floor: -60, reference: 1))
        _ = update(&state, .atomDetailed(AtomMaps(
            request: request, field: [NamedMap(name: "Spectrum of text/0", map: line)], pixels: [], rasterMargin: 0, rasterLine: 0)))
        state.focus = .field
        guard case .save(let picture)? = state.save(to: "a.svg").first, case .screen(let grid) = picture.content else {
            Issue.record("no picture"); return
        }
        #expect(picture.facts.first == ExportFact("pane", "Spectrum of text/0") && picture.wantsHash)
        #expect(grid.text.contains("tokens") && !grid.text.contains("max of"), "no bins are merged")
        // The highest bar stands at the peak, on every row of the bars.
        let bars = (1...3).map { row in (0..<grid.columns).filter { "█#".contains(grid.cell(row: row, column: $0).character) } }
        #expect(bars[0] == [8 + 18] && bars.allSatisfy { $0.contains(8 + 18) })
        guard case .save(let numbers)? = state.save(to: "a.csv").first, case .map(let map, _, _) = numbers.content else {
            Issue.record("no numbers"); return
        }
        #expect(map.values == line.values)
        let folder = try ScratchFolder()
        var written = picture
        written.path = folder.file("a.svg")
        #expect(written.carriedOut().hasPrefix("saved "))
        let svg = try String(contentsOfFile: written.path, encoding: .utf8)
        #expect(svg.contains("pane: Spectrum of text/0") && svg.contains("checkpoint: tiny"), "facts stand under the bars")
    }

    @Test func movesAndAsksForMaps() {
        var state = opened()
        #expect(update(&state, .key(.down)) == [.detailAtom(AtomMapsRequest(address: AtomAddress(.vision, atom: 1), layer: 0))])
        #expect(update(&state, .key(.character("L"))) == [.detailAtom(AtomMapsRequest(address: AtomAddress(.vision, atom: 1), layer: 1))])
        #expect(update(&state, .key(.character("1"))) == [])
        #expect(state.screen == .ask && state.focus == .conversation)
        _ = update(&state, .key(.character("2")))
        #expect(state.focus == .table && state.chosenRecord?.index == 1)
    }

    @Test func sortsByAnyColumnBothWays() {
        var state = opened()
        while state.atomsScreen.order != .amplitude { _ = update(&state, .key(.character("o"))) }
        #expect(names(state) == ["vision/1", "vision/2", "vision/0", "text/0"])
        _ = update(&state, .key(.character("O")))
        #expect(names(state) == ["vision/0", "text/0", "vision/2", "vision/1"])
        while state.atomsScreen.order != .v { _ = update(&state, .key(.character("o"))) }
        #expect(names(state) == ["vision/2", "vision/0", "vision/1", "text/0"], "what has no value stands last")
        while state.atomsScreen.order != .status { _ = update(&state, .key(.character("o"))) }
        #expect(names(state).first == "vision/2")
        #expect(state.chosenRecord?.index == 0 && state.chosenRecord?.stack == .vision, "the choice stays with its atom")
    }

    @Test(arguments: [
        ("vision", ["vision/0", "vision/1", "vision/2"]), ("dead", ["vision/2"]), ("period<3", ["vision/2"]), ("period < 3", ["vision/2"]), ("foo>1", []), ("period<", []),
        ("amplitude>1.5 vision", ["vision/1", "vision/2"]), ("nonsense", []), ("u<0.1", ["vision/0", "vision/2"]),
    ])
    func filters(text: String, expected: [String]) {
        var state = opened()
        type("/" + text, &state)
        #expect(names(state) == expected, "while it is written")
        _ = update(&state, .key(.enter))
        #expect(names(state) == expected)
        #expect(ScreenView.draw(state, look: Look()).grid.text.contains("/" + text))
        _ = update(&state, .key(.escape))
        #expect(names(state).count == 4, "Esc shows all again")
    }

    /// A comparison that means nothing says so; the table's own heads mean their columns.
    @Test func filtersThatMeanNothingAreTold() {
        #expect(AtomFilter("foo>1").problem?.hasPrefix("no figure foo: write one of u, v, t, period") == true)
        #expect(AtomFilter("energy>ten").problem == "energy> needs a number, such as energy>0.1")
        for text in ["nats<0", "|C|>1", "ampl>1", "energy>10%", "vision period<4 u > -0.1", "dead", ""] {
            #expect(AtomFilter(text).problem == nil, "\(text)")
        }
    }

    @Test func aPastedFilterIsAFilter() {
        var state = opened()
        _ = update(&state, .key(.character("/")))
        _ = update(&state, .paste("dead"))
        #expect(names(state) == ["vision/2"] && state.notice == nil)
    }

    /// A line written in a pane has all keys: the help line then names the two that end it, and none that are letters there.
    @Test func theHelpLineFollowsTheLineThatIsWritten() {
        var state = opened()
        func helpLine() -> String {
            String(ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text.split(separator: "\n").last ?? "")
        }
        let before = helpLine()
        #expect(before.contains("q quit"))
        type("/vis", &state)
        #expect(helpLine().trimmingCharacters(in: .whitespaces) == "Enter done  Esc cancel")
        _ = update(&state, .key(.escape))
        #expect(helpLine() == before)
    }

    @Test func theTwinHasNoAtomsAndSaysSo() {
        var state = WorkbenchState(size: ScreenSize(rows: 24, columns: 80))
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "twin", preset: "attention", visionAtoms: 3, hasAtoms: false, warnings: [])))
        _ = update(&state, .key(.escape))
        #expect(update(&state, .key(.character("2"))) == [])
        #expect(ScreenView.draw(state, look: Look()).grid.text.contains("attention twin"))
    }

    /// Sizes down to the least and up: every pane that has the focus is drawn.
    @Test(arguments: [(20, 60), (24, 80), (30, 76), (40, 120), (60, 200)]) func everyPaneShows(rows: Int, columns: Int) {
        var state = opened(ScreenSize(rows: rows, columns: columns))
        for pane in ScreenID.atoms.panes {
            #expect(state.layout.place(of: state.focus) != nil, "\(pane)")
            _ = update(&state, .key(.tab))
        }
        #expect(state.focus == .table)
    }
}
