import Foundation
import SpectralEngine
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Tables of the panes as files: which there are, what is in them, what is refused.
@Suite struct PaneFiguresTests {
    @Test func everyTableHasItsFigures() throws {
        var state = try FakeEngine.sitting()
        let expected: [(Pane, Int, [String])] = [
            (.images, 3, ["a.png"]), (.conversation, 1, ["what is it", "red", "0.9"]), (.atoms, 3, ["fusion/5", "2.5", "-0.125"]),
            (.rank, 3, ["fusion/5", "-2.5"]), (.table, FakeEngine.records.count, ["vision/1", "0.25"]),
            (.figures, 3, ["tiny", "0.125", "own"]), (.matches, 16, ["vision"]), (.result, 2, ["baseline", "edited", "-0.25"]),
            (.edits, 2, ["baseline"]), (.controls, 40, ["39"]),
        ]
        for (pane, rows, words) in expected {
            state.focus = pane
            let figures = try #require(state.focusedFigures, "\(pane)")
            #expect(figures.rows.count == rows, "\(pane)")
            #expect(figures.rows.allSatisfy { $0.count == figures.columns.count }, "\(pane)")
            #expect(figures.parts.allSatisfy { part in part.rows.allSatisfy { $0.count == part.columns.count } }, "\(pane)")
            let csv = figures.csv()
            for word in words { #expect(csv.contains(word), "\(pane): \(csv)") }
            for ending in ["csv", "json", "md"] {
                guard case .save(let request)? = state.save(to: "x.\(ending)").first, case .figures(figures) = request.content else {
                    Issue.record("\(pane) is not saved as .\(ending)")
                    continue
                }
                // A list of images is about none of them.
                #expect(request.facts.contains(ExportFact("image", "a.png")) == (pane != .images), "\(pane)")
            }
        }
        state.focus = .result
        #expect(state.focusedFigures?.parts.map(\.title) == ["edits", "tokens", "answers", "controls"])
        state.focus = .controls
        #expect(state.focusedFigures?.parts.first?.title == "standing")
    }

    /// Text, pictures and the whole screen: every pane has them.
    @Test func everyPaneIsSavedAsItIsShown() throws {
        var state = try FakeEngine.sitting()
        for pane in Pane.allCases where pane != .prompt {
            state.focus = pane
            let place = try #require(state.layout.place(of: pane))
            for ending in ["txt", "svg", "png"] {
                guard case .save(let request)? = state.save(to: "x." + ending).first else {
                    Issue.record("\(pane) is not saved as .\(ending): \(state.notice ?? "")")
                    continue
                }
                switch request.content {
                case .screen(let grid): #expect(grid.rows == place.rows && grid.columns == place.columns, "\(pane)")
                case .map: #expect(ending != "txt" && state.focusedPane != nil, "\(pane)")
                default: Issue.record("\(pane) as .\(ending)")
                }
            }
            guard case .save(let whole)? = state.save(to: "x.txt", wholeScreen: true).first, case .screen(let grid) = whole.content
            else { throw CocoaError(.featureUnsupported) }
            #expect(grid.rows == state.size.rows && grid.columns == state.size.columns)
        }
    }

    @Test func tabStepsThroughTheEndingsThatFit() throws {
        var state = try FakeEngine.sitting()
        state.focus = .atoms
        func name() -> String { if case .saving(let line)? = state.overlay { line.text } else { "" } }
        _ = try state.type("e")
        #expect(name() == "atoms-that-mattered.csv")
        var seen: [String] = []
        for _ in 0..<6 {
            _ = try state.type("<tab>")
            seen.append(String(name().split(separator: ".").last ?? ""))
        }
        #expect(seen == ["json", "md", "svg", "png", "txt", "csv"])
        _ = try state.type("<c-u>plain<tab>")
        #expect(name() == "plain.csv")
        _ = try state.type("<c-u>x.gif<enter>")
        #expect(state.notice == "nothing was saved: a name ends in .csv, .json, .md, .svg, .png or .txt here")
        _ = try state.type("E<tab>")
        #expect(name() == "ask.png")
    }

    /// On a real engine: the file names the checkpoint it is about by its content.
    @Test func savedFiguresNameTheCheckpoint() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("figures-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let script = "what is it?<enter><wait><esc><tab><tab>e<c-u>\(path)<enter><wait>"
        let frame = try await TinyWorld.shared.play(script, rows: 40, columns: 120)
        #expect(frame.grid.text.contains("saved "))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
        let facts = try #require(object["facts"] as? [String: String])
        let hash = try await Engine(checkpoint: TinyWorld.shared.options.checkpoint).contentHash()
        #expect(facts["checkpoint hash"] == hash && facts["image"] == "scene0.png" && facts["ask"] == "what is it?")
        #expect((object["rows"] as? [[String: Any]])?.count == 19)
        let again = try await TinyWorld.shared.play(script, rows: 40, columns: 120)
        #expect(again.grid.text.contains("is there already"))
    }
}
