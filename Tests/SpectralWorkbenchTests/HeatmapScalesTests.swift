import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Scales by key: one choice for each kind of map, in all panes and files.
@Suite struct HeatmapScalesTests {
    private let spectrum = Heatmap(
        title: "spectrum", rows: 2, columns: 2, values: [4, 0.4, 0.004, 2], scale: .decibel(floor: -60, reference: 4))

    /// An answer whose atoms are measured, the focus on the alignment or the spectrum.
    private func opened(_ pane: Pane) throws -> WorkbenchState {
        var state = WorkbenchState.ready()
        _ = try state.type("what is it<enter>")
        _ = update(&state, .engine(turn: 1, .started(k: 8)))
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        _ = update(&state, .measured(turn: 1, measured()))
        let request = try #require(state.requestedView)
        let view = AtomView(
            turn: 1, address: request.address, word: request.word, spectra: [NamedMap(name: "Spectrum", map: spectrum)], patches: nil)
        _ = update(&state, .atomViewed(view))
        state.focus = pane
        return state
    }

    private func text(_ state: WorkbenchState) -> String {
        ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text
    }

    @Test func zStepsTheScaleAndTheLegendSaysIt() throws {
        var state = try opened(.spectrum)
        #expect(text(state).contains("0 dB = 4"))
        let cursor = state.shownSpectrumCursor
        #expect(try state.type("z") == [])
        #expect(text(state).contains("0  .:-=+*#%@ max 4 linear") || text(state).contains("max 4 linear"))
        #expect(text(state).contains("row 0 col 0: 4.0"), "the value under the cursor is what it was")
        _ = try state.type("z")
        #expect(text(state).contains("percentile") && state.notice == "scale: percentile")
        _ = try state.type("z")
        #expect(text(state).contains("0 dB = 4") && state.shownSpectrumCursor == cursor)
        #expect(state.focusedPane?.map.map == spectrum)
    }

    @Test func bigZStepsTheFloor() throws {
        var state = try opened(.spectrum)
        for floor in ["-80", "-40", "-60"] {
            _ = try state.type("Z")
            #expect(state.notice?.contains("floor \(floor)") == true)
            #expect(text(state).contains("floor \(floor) dB"))
        }
        // From another scale it comes back with the floor that it had.
        _ = try state.type("ZzZ")
        #expect(state.notice?.contains("floor -80") == true && state.focusedPane?.map.map.scale == .decibel(floor: -80, reference: 4))
    }

    /// Another kind of map keeps its own scale, and what has only one says why.
    @Test func choicesBelongToAKindOfMap() throws {
        var state = try opened(.spectrum)
        _ = try state.type("zz")
        state.focus = .alignment
        #expect(state.focusedPane?.map.map.scale == .linear(minimum: -1, maximum: 1))
        _ = try state.type("z")
        #expect(state.focusedPane?.map.map.scale == .linear(minimum: -0.9, maximum: 0.9), "even about zero")
        #expect(try state.type("Z") == [] && state.notice?.contains("only magnitudes have a dB floor") == true)
        let view = try #require(state.atomView)
        let phase = Heatmap(title: "phase", rows: 1, columns: 2, values: [1, 2], scale: .phase(magnitudeFloor: 0))
        state.atomView = AtomView(
            turn: view.turn, address: view.address, word: view.word, spectra: [NamedMap(name: "Phase", map: phase)], patches: nil)
        state.focus = .spectrum
        _ = try state.type("z")
        #expect(state.notice?.contains("angles have one scale") == true && state.focusedPane?.map.map == phase)
    }

    /// Columns are compared by eye: whatever the scale, it is one for all of them, and differences have one of their own.
    @Test func columnsShareTheirScale() throws {
        var state = try FakeEngine.sitting()
        state.focus = .maps
        func scales() -> [Heatmap.Scale] { (0..<3).compactMap { CompareMapsView.heatmap(at: $0, state)?.scale } }
        #expect(scales() == [Heatmap.Scale](repeating: .linear(minimum: -1, maximum: 1), count: 3))
        _ = try state.type("z")
        #expect(scales() == [Heatmap.Scale](repeating: .linear(minimum: -0.5, maximum: 0.5), count: 3), "the widest column's")
        _ = try state.type("z")
        #expect(Set(scales()).count == 1 && scales()[0] != .linear(minimum: -0.5, maximum: 0.5))
        _ = try state.type("d")
        #expect(scales()[1] == scales()[2] && scales()[0] != scales()[1])
        #expect(text(state).contains("%"))
    }

    @Test func outsideOfHeatmapsTheKeysMeanNothing() throws {
        var state = try opened(.atoms)
        let before = state.scales
        _ = try state.type("z")
        #expect(state.scales == before && state.notice?.contains("does nothing here") == true)
        state.focus = .maps
        _ = try state.type("z")
        #expect(state.notice?.contains("no heatmap here yet") == true)
    }

    /// Maps are saved on the scale they are shown on, with values as they are.
    @Test func filesFollow() throws {
        var state = try opened(.spectrum)
        _ = try state.type("zz")
        guard case .save(let request)? = state.save(to: "a.csv").first, case .map(let map, _, _) = request.content else {
            Issue.record("no map is saved")
            return
        }
        #expect(map.values == spectrum.values && map.csv(facts: request.facts).contains("# scale: percentile"))
        #expect(request.facts.map(\.name) == ["pane", "checkpoint", "image", "ask", "answer", "k"] && request.wantsHash)
    }
}
