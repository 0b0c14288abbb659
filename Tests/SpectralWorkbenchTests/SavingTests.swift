import Foundation
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Saving a pane: what is asked for, what is written, what is refused.
@Suite struct SavingTests {
    private func asked(_ key: Character = "e") -> WorkbenchState {
        var state = WorkbenchState(size: ScreenSize(rows: 24, columns: 80))
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "tiny", preset: "gated", visionAtoms: 3, hasAtoms: true, warnings: [])))
        _ = update(&state, .key(.escape))
        _ = update(&state, .key(.character(key)))
        return state
    }

    private func name(_ text: String, _ state: inout WorkbenchState) -> [Effect] {
        _ = update(&state, .key(.control("u")))
        _ = update(&state, .paste(text))
        return update(&state, .key(.enter))
    }

    @Test func theScreenIsSavedUnderTheNameGiven() throws {
        var state = asked("E")
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
