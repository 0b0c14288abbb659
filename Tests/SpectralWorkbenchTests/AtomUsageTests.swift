@testable import SpectralLens
@testable import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Use and coherence on the Atoms screen by its state: keys and news in, rows and requests out.
@Suite struct AtomUsageTests {
    private static func record(_ stack: AtomStack, _ index: Int, _ frequency: [Float]) -> AtomRecord {
        AtomRecord(
            stack: stack, index: index, frequency: frequency, period: 4, periodUnit: "patches", direction: nil, isInUse: true,
            layers: [AtomLayerUse(layer: 0, amplitude: 1, phase: 0, meanGain: 1, meanCrossGain: nil, energyShare: nil, imagePart: nil)],
            energyShare: nil, isDead: nil, duplicateOf: nil, isNearNyquist: false)
    }

    private static let records = [
        record(.vision, 0, [0, 0]), record(.vision, 1, [0.25, 0]), record(.text, 0, [0.1]), record(.fusion, 0, [0, 0, 0.25]),
    ]

    private static let images = ["/x/a.png", "/x/b.png", "/x/c.png"]

    private static func usage(_ n: Int = 3) -> FolderUsage {
        let all = [[Float(0.9), 0.1], [0.6, 0.4], [1, 0]].prefix(n).enumerated().map { i, mean in
            (
                path: images[i],
                usage: ImageUsage(
                    vision: EnergyShares(mean: mean, largest: mean), fusion: EnergyShares(mean: [1], largest: [1]), imageParts: [[0.25]])
            )
        }
        return FolderUsage(all, k: 2, kept: [.vision: [0, 1], .fusion: [0]], records: records)
    }

    private func opened(rows: Int = 40, columns: Int = 120) -> WorkbenchState {
        var state = WorkbenchState.ready(Self.images, rows: rows, columns: columns)
        _ = update(&state, .key(.escape))
        _ = update(&state, .key(.character("2")))
        _ = update(&state, .atomsListed(Self.records))
        return state
    }

    private func text(_ state: WorkbenchState) -> String { ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text }

    @Test func measuresStopsAndGoesOn() {
        var state = opened()
        #expect(update(&state, .key(.character("u"))) == [.measureUsage(number: 1, paths: Self.images, k: nil)])
        #expect(update(&state, .key(.character("u"))) == [], "one at a time")
        _ = update(&state, .usage(.progress(1, done: 1, total: 3, unreadable: 0)))
        _ = update(&state, .usage(.known(1, Self.usage(1))))
        #expect(text(state).contains("1 of 3") && text(state).contains("measuring use"))
        #expect(update(&state, .key(.escape)) == [.stopUsage])
        _ = update(&state, .usage(.known(1, Self.usage(2))))
        _ = update(&state, .usage(.ended(1)))
        #expect(state.atomsScreen.usage.status == .stopped && state.atomsScreen.usage.n == 2, "what there is is kept")
        #expect(text(state).contains("stopped, n 2"))
        #expect(state.screen == .atoms, "Esc stopped, and did nothing else")
        #expect(update(&state, .key(.character("u"))) == [.measureUsage(number: 2, paths: Self.images, k: nil)])
        _ = update(&state, .usage(.failed(1, "late news")))
        #expect(state.atomsScreen.usage.isRunning)
        _ = update(&state, .usage(.known(2, Self.usage())))
        _ = update(&state, .usage(.ended(2)))
        #expect(state.atomsScreen.usage.status == .done && text(state).contains("n 3"))
    }

    @Test func theTableTellsMediansAndTheDead() {
        var state = opened()
        #expect(!text(state).contains("median  "))
        _ = update(&state, .key(.down))
        _ = update(&state, .key(.character("u")))
        var dead = Self.usage()
        let none = EnergyShares(mean: [1, 0], largest: [1, 0])
        dead = FolderUsage(
            [(path: Self.images[0], usage: ImageUsage(vision: none, fusion: EnergyShares(mean: [1], largest: [1]), imageParts: [[1]]))],
            k: 2, kept: [.vision: [0, 1], .fusion: [0]], records: Self.records)
        _ = update(&state, .usage(.known(1, dead)))
        _ = update(&state, .usage(.ended(1)))
        #expect(state.chosenRecord?.index == 1 && state.chosenRecord?.isDead == true && state.chosenRecord?.status == "dead")
        #expect(state.atomsScreen.records[0].isDead == false && state.atomsScreen.records[2].isDead == nil, "text is not measured")
        #expect(text(state).contains("median"))
        for character in "/dead median<0.5" { _ = update(&state, .key(.character(character))) }
        #expect(state.listedAtoms.map { "\($0.address)" } == ["vision/1"])
        _ = update(&state, .key(.escape))
        while state.atomsScreen.order != .median { _ = update(&state, .key(.character("o"))) }
        #expect(state.listedAtoms.map { "\($0.address)" } == ["vision/0", "fusion/0", "vision/1", "text/0"])
    }

    @Test func enterGoesToATopImage() {
        var state = opened()
        _ = update(&state, .key(.character("u")))
        _ = update(&state, .usage(.known(1, Self.usage())))
        _ = update(&state, .usage(.ended(1)))
        state.focus = .usage
        // vision/0 has 0.9, 0.6 and 1.
        #expect(state.chosenTop.map(\.image) == ["/x/c.png", "/x/a.png", "/x/b.png"])
        _ = update(&state, .key(.down))
        _ = update(&state, .key(.down))
        let effects = update(&state, .key(.enter))
        #expect(state.screen == .ask && state.focus == .images && state.selectedImage?.path == "/x/b.png")
        #expect(effects.contains(.readImage(path: "/x/b.png")))
        _ = update(&state, .key(.character("2")))
        _ = update(&state, .imagesListed(["/x/z.png"], problem: nil))
        _ = update(&state, .key(.enter))
        #expect(state.screen == .atoms && state.notice?.contains("no longer in the list") == true)
    }

    /// Where a text is drawn first, clicked on.
    private func click(_ text: String, _ state: inout WorkbenchState, right: Int = 0) throws {
        let grid = ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid
        for row in 0..<grid.rows {
            let line = String((0..<grid.columns).map { grid.cell(row: row, column: $0).character })
            guard let found = line.range(of: text) else { continue }
            let column = line.distance(from: line.startIndex, to: found.lowerBound) + right
            _ = update(&state, .mouse(.press, row: row, column: column))
            return
        }
        Issue.record("no \(text) in\n\(grid.text)")
    }

    @Test(arguments: [(24, 80), (40, 120), (60, 200)]) func clicksChooseImagesPairsAndValues(rows: Int, columns: Int) throws {
        var state = opened(rows: rows, columns: columns)
        state.usesMouse = true
        _ = update(&state, .key(.character("u")))
        _ = update(&state, .usage(.known(1, Self.usage())))
        _ = update(&state, .usage(.ended(1)))
        // On a small screen the pane with the focus is the one that is there.
        state.focus = .usage
        _ = update(&state, .refresh)
        for (row, name) in ["c.png", "a.png", "b.png"].enumerated().reversed() {
            try click(name, &state)
            #expect(state.focus == .usage && state.atomsScreen.usage.list.selected == row, "\(name)")
        }
        try click("images it carries", &state)
        #expect(state.atomsScreen.usage.list.selected == 0, "a head is no row")

        _ = update(&state, .key(.character("K")))
        _ = update(&state, .coherent(Self.coherence()))
        for _ in 0..<2 { _ = update(&state, .key(.down)) }
        _ = update(&state, .key(.right))
        #expect(state.coherenceCursor == MapCursor(row: 1, column: 1))
        // The line of the readout comes first where pairs stand beside the map; a value is under its column's label.
        let own = try #require(state.shownCoherence), place = try #require(state.layout.place(of: .coherence))
        let inside = Rect(row: place.row + 1, column: place.column + 2, rows: place.rows - 2, columns: place.columns - 4)
        let places = AtomCoherenceView.places(own.coherence, in: inside)
        _ = update(&state, .mouse(.press, row: places.pairs.row + 1, column: places.pairs.column + 2))
        #expect(state.coherenceCursor == MapCursor(row: 0, column: 1), "the pair most alike")
        var scratch = CellGrid(rows: rows, columns: columns)
        let map = try #require(state.atomMap(.coherence)?.map)
        let cell = scratch.draw(map, in: places.map, look: Look(glyphs: .ascii, colors: .mono)).cell(row: 1, column: 0)
        _ = update(&state, .mouse(.press, row: cell.row, column: cell.column))
        #expect(state.coherenceCursor == MapCursor(row: 1, column: 0) && state.focus == .coherence)
    }

    @Test func theFileHasTheHistogram() throws {
        var state = opened()
        _ = update(&state, .key(.character("u")))
        _ = update(&state, .usage(.known(1, Self.usage())))
        _ = update(&state, .usage(.ended(1)))
        state.focus = .usage
        let part = try #require(state.focusedFigures?.parts.first { $0.title == "histogram of vision/0" })
        let rows = part.rows.compactMap { row -> (low: Float, high: Float, images: Int)? in
            guard row.count == 3, case .single(let low) = row[0], case .single(let high) = row[1], case .whole(let images) = row[2]
            else { return nil }
            return (low, high, images)
        }
        #expect(rows.count == part.rows.count && rows.reduce(0) { $0 + $1.images } == 3)
        for share in [Float(0.9), 0.6] {
            #expect(rows.contains { $0.low <= share && share < $0.high && $0.images > 0 })
        }
    }

    @Test func whatCannotBeMeasuredIsRefused() {
        var state = WorkbenchState(size: ScreenSize(rows: 24, columns: 80))
        _ = update(&state, .key(.escape))
        _ = update(&state, .key(.character("2")))
        #expect(update(&state, .key(.character("u"))) == [] && state.notice?.contains("loading") == true)
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "tiny", preset: "gated", visionAtoms: 3, hasAtoms: true, warnings: [])))
        _ = update(&state, .imagesListed([], problem: "none"))
        #expect(update(&state, .key(.character("u"))) == [] && state.notice?.contains("no images") == true)
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "twin", preset: "attention", visionAtoms: 3, hasAtoms: false, warnings: [])))
        #expect(update(&state, .key(.character("u"))) == [] && state.notice?.contains("attention twin") == true)
    }

    // MARK: Coherence

    private static func coherence() -> AtomCoherence {
        AtomCoherence(
            StackAtoms(stack: .vision, frequencies: [[0, 0], [0.01, 0]], visionDerived: 2, layers: []), grid: (8, 8, 16))
    }

    @Test func coherenceIsAskedForOnceAndFollowsTheChoice() {
        var state = opened()
        #expect(update(&state, .key(.character("K"))) == [.findCoherence(.vision)])
        #expect(state.focus == .coherence && update(&state, .key(.character("j"))) == [], "asked once, and nothing to move in yet")
        _ = update(&state, .coherent(Self.coherence()))
        #expect(state.coherenceCursor == MapCursor(row: 0, column: 1), "the chosen atom and the one most like it")
        let shown = text(state)
        #expect(shown.contains("vision/0") && shown.contains("u 0.0100") == false && shown.contains("u 0.2500") && shown.contains("coherence 0.9"))
        _ = update(&state, .key(.character("s")))
        #expect(text(state).contains("in dB"))
        _ = update(&state, .key(.down))
        #expect(state.coherenceCursor == MapCursor(row: 1, column: 1))
        _ = update(&state, .key(.enter))
        #expect(state.focus == .table && state.chosenRecord?.index == 1)
        // It stays beside the table, and follows the atom to another stack.
        #expect(update(&state, .key(.down)).contains(.findCoherence(.text)))
        #expect(!update(&state, .key(.up)).contains(.findCoherence(.vision)), "known already")
    }

    /// Down to the least size and up, before anything is known and after: the pane with the focus is drawn.
    @Test(arguments: [(20, 60), (24, 80), (30, 76), (40, 120), (60, 200), (100, 300)]) func bothPanesFit(rows: Int, columns: Int) {
        var state = opened(rows: rows, columns: columns)
        for step in 0..<2 {
            for pane in [Pane.usage, .coherence] {
                state.focus = pane
                _ = update(&state, .refresh)
                #expect(state.layout.place(of: pane) != nil)
                let shown = text(state)
                #expect(shown.contains(pane == .usage ? "Use" : "Coherence"))
                if step == 0, pane == .usage { #expect(shown.contains("u measures"), "an empty pane says what to do") }
                if step == 1 { #expect(shown.contains(pane == .usage ? "quartiles" : "coherence 0.9")) }
            }
            _ = update(&state, .key(.character("u")))
            _ = update(&state, .usage(.known(1, Self.usage())))
            _ = update(&state, .usage(.ended(1)))
            _ = update(&state, .coherent(Self.coherence()))
        }
    }
}
