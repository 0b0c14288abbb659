import Foundation
@testable import SpectralLens
import SpectralModel
import SpectralScreen
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
        ("vision", ["vision/0", "vision/1", "vision/2"]), ("dead", ["vision/2"]), ("period<3", ["vision/2"]),
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

/// Saving a pane: what is asked for, what is written, what is refused.
@Suite struct SavingTests {
    private func asked() -> WorkbenchState {
        var state = WorkbenchState(size: ScreenSize(rows: 24, columns: 80))
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "tiny", preset: "gated", visionAtoms: 3, hasAtoms: true, warnings: [])))
        _ = update(&state, .key(.escape))
        _ = update(&state, .key(.character("e")))
        return state
    }

    private func name(_ text: String, _ state: inout WorkbenchState) -> [Effect] {
        _ = update(&state, .key(.control("u")))
        _ = update(&state, .paste(text))
        return update(&state, .key(.enter))
    }

    @Test func theScreenIsSavedUnderTheNameGiven() throws {
        var state = asked()
        #expect(ScreenView.draw(state, look: Look()).grid.lineText(23).contains("save as: ask.svg"))
        guard case .save(let request)? = name("shot.svg", &state).first else { Issue.record("nothing asked"); return }
        #expect(request.path == "shot.svg" && state.overlay == nil)
        guard case .screen(let grid) = request.content else { Issue.record("no screen"); return }
        #expect(grid.rows == 24 && !grid.text.contains("save as"))
        _ = update(&state, .saved("saved shot.svg"))
        #expect(state.notice == "saved shot.svg")
    }

    @Test(arguments: ["", "  ", "plain", "x.gif", "x.csv"]) func namesThatCannotBeAreRefused(_ text: String) {
        var state = asked()
        #expect(name(text, &state) == [])
        #expect(state.notice?.hasPrefix("nothing was saved") == true)
    }

    @Test func escapeSavesNothing() {
        var state = asked()
        #expect(update(&state, .key(.escape)) == [] && state.overlay == nil)
    }

    @Test func filesAreWrittenOrTheReasonGiven() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("saving-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let map = Heatmap(title: "map", rows: 1, columns: 2, values: [0.5, 1], scale: .linear(minimum: 0, maximum: 1))
        func save(_ path: String) -> String {
            SaveRequest(path: path, content: .map(map, row: 0, column: 1), facts: [ExportFact("question", "what is it?")]).carriedOut()
        }
        for ending in ["svg", "png", "csv", "json"] {
            #expect(save("\(folder)/a.\(ending)").hasPrefix("saved "))
            #expect(FileManager.default.fileExists(atPath: "\(folder)/a.\(ending)"))
        }
        #expect(try String(contentsOfFile: folder + "/a.csv", encoding: .utf8).contains("0.5"))
        #expect(save("\(folder)/a.svg").contains("is there already"), "a file is never overwritten")
        #expect(save("\(folder)/none/a.svg").hasPrefix("cannot save"))
    }
}
