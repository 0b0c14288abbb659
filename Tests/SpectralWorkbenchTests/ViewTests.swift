import Foundation
import SpectralFormats
import SpectralLens
import SpectralModel
import SpectralScreen
import Synchronization
import TestSupport
import Testing

@testable import SpectralWorkbench

/// What is kept of the view, and what of it comes back where.
@Suite struct ViewTests {
    /// Somewhere in the middle of work.
    private func working() throws -> WorkbenchState {
        var state = WorkbenchState.ready()
        _ = try state.type("what is it<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        _ = update(&state, .measurementEnded(turn: 1, isComplete: true))
        _ = try state.type("<esc>[<s-tab>jj")
        _ = try state.type("2")
        _ = update(&state, .atomsListed(Self.records))
        _ = try state.type("o/vision<enter>j")
        _ = try state.type("3{x")
        _ = try state.type("1ahalf a question<tab>")
        return state
    }

    private static let records = {
        let model = try! LoadedModel(path: TinyWorld.shared.options.checkpoint)
        return [AtomStack.vision, .text].flatMap { model.atomTable($0)?.records ?? [] }
    }()

    private func started(_ view: ViewSnapshot, restoresK: Bool = true) -> WorkbenchState {
        var state = WorkbenchState(size: ScreenSize(rows: 40, columns: 120), k: 7)
        state.restore(view, restoresK: restoresK)
        return state
    }

    private func load(_ state: inout WorkbenchState, name: String = "tiny", images: [String] = ["/x/a.png", "/x/b.png", "/x/c.png"]) {
        let facts = CheckpointFacts(name: name, preset: "gated", visionAtoms: 8, hasAtoms: true, warnings: [])
        _ = update(&state, .checkpointLoaded(facts))
        _ = update(&state, .imagesListed(images, problem: nil))
    }

    @Test func aViewComesBackAsItWas() throws {
        var before = try working()
        let view = ViewSnapshot(before)
        #expect(view.image == "/x/c.png" && view.k == 4 && view.prompts == ["what is it"] && view.prompt == "half a question")
        #expect(view.columns.count == 2 && view.atomFilter == "vision" && view.atomOrder == "u")
        let bytes = try ViewFile.bytes(of: view)
        var after = started(try JSONDecoder().decode(ViewSnapshot.self, from: bytes))
        #expect(ViewSnapshot(after) == view, "nothing is lost while all is still being loaded")
        load(&after)
        #expect(after.screen == .ask && after.focus == before.focus)
        #expect(after.selectedImage?.path == "/x/c.png")
        #expect(after.k == 4 && after.prompt.text == "half a question")
        #expect(after.compareScreen.columns == before.compareScreen.columns)
        #expect(ViewSnapshot(after).atom == view.atom, "atoms are listed later")
        for state in [0, 1] {
            let effects = state == 0 ? try before.type("<esc>2") : try after.type("<esc>2")
            #expect(effects.contains(.listAtoms) == (state == 1))
        }
        _ = update(&after, .atomsListed(Self.records))
        #expect(after.chosenRecord?.address == before.chosenRecord?.address)
        #expect(after.restoring == nil)
        #expect(after.promptHistory == ["what is it"])
        #expect(ViewSnapshot(after) == ViewSnapshot(before))
    }

    /// Wherever keys lead, the view from there comes back the same.
    @Test(arguments: [1, 2, 3]) func everyViewComesBack(seed: UInt64) throws {
        var random = Seeded(state: seed), state = WorkbenchState.ready(), views: Set<String> = []
        let keys: [Key] = Array("aci12345ghjkloO/x{}+[]sm é漢").map { .character($0) } + [.enter, .tab, .backtab, .escape, .up, .down, .control("t")]
        for step in 0..<1500 {
            let key = keys.randomElement(using: &random) ?? .tab
            for effect in update(&state, .key(key)) {
                if effect == .listAtoms { _ = update(&state, .atomsListed(Self.records)) }
                if case .answer(let id, _) = effect { _ = update(&state, .engine(turn: id, .finished(answered("red")))) }
                if case .measure(let id, _) = effect { _ = update(&state, .measurementEnded(turn: id, isComplete: true)) }
            }
            guard step % 10 == 0 else { continue }
            let view = ViewSnapshot(state)
            var other = started(view)
            load(&other)
            #expect(ViewSnapshot(other) == view, "step \(step)")
            views.insert("\(view)")
        }
        #expect(views.count > 75, "the keys must have led somewhere")
    }

    @Test func foldersMouseAndScalesComeBack() throws {
        var before = try working()
        _ = before.run(line: "images /y")
        _ = update(&before, .imagesOpened(sources: ["/y"], ["/y/1.png", "/y/2.png"]))
        _ = before.run(line: "mouse")
        let spectrum = Heatmap(title: "s", rows: 1, columns: 2, values: [1, 2], scale: .decibel(floor: -60, reference: 2))
        let signed = Heatmap(title: "a", rows: 1, columns: 2, values: [-1, 1], scale: .linear(minimum: -1, maximum: 1))
        before.scales.choices[MapKind(.alignment, signed)] = .percentile
        before.scales.floors[MapKind(.spectrum, spectrum)] = -80
        let view = try JSONDecoder().decode(ViewSnapshot.self, from: ViewFile.bytes(of: ViewSnapshot(before)))

        var after = started(view)
        #expect(after.beginning == [.loadCheckpoint, .openImages(["/y"], known: [])])
        #expect(ViewSnapshot(after) == view)
        _ = update(&after, .imagesOpened(sources: ["/y"], ["/y/1.png", "/y/2.png"]))
        #expect(after.images.count == 2 && after.usesMouse && after.scales == before.scales)
        #expect(after.scaled(spectrum, in: .field).scale == .decibel(floor: -80, reference: 2), "of its kind, wherever it is shown")

        // A folder that is gone: one line, and the list that the program starts with.
        var gone = started(view)
        #expect(update(&gone, .imagesNotOpened(sources: ["/y"], "no folder /y")) == [.listImages])
        load(&gone)
        #expect(gone.images.count == 3 && gone.notice == "no folder /y" && gone.imageSources.isEmpty)

        // Images that are named on the command line stand.
        var named = WorkbenchState(size: ScreenSize(rows: 40, columns: 120), k: nil)
        named.restore(view, restoresK: true, restoresImages: false)
        #expect(named.beginning == [.loadCheckpoint, .listImages])
    }

    @Test func onlyWhatFitsComesBack() throws {
        let view = ViewSnapshot(try working())
        var other = started(view)
        load(&other, name: "another", images: ["/x/a.png"])
        #expect(other.k == 7 && other.compareScreen.columns.isEmpty, "K and columns belong to the checkpoint")
        #expect(other.selectedImage?.path == "/x/a.png")
        #expect(other.prompt.text == "half a question")
        #expect(other.atomsScreen.filter == "vision" && other.restoring == nil)

        var asked = started(view, restoresK: false)
        load(&asked)
        #expect(asked.k == 7, "the command line's K stays")

        var without = started(view)
        _ = update(&without, .checkpointFailed("no such folder"))
        _ = update(&without, .imagesListed([], problem: "none"))
        let kept = ViewSnapshot(without)
        #expect(without.selectedImage == nil && kept.k == view.k && kept.columns == view.columns && kept.atom == view.atom)
    }

    /// Whatever stands in the file, the screen can be drawn and shows no control characters.
    @Test func aForeignFileDoesNoHarm() throws {
        let base = ViewSnapshot(try working())
        let json = try JSONDecoder().decode(JSONValue.self, from: ViewFile.bytes(of: base))
        guard case .object(let members) = json else { return #expect(Bool(false)) }
        let odd: [JSONValue] = [
            .text(""), .text("\u{1B}[2J\u{202E}x\ny"), .text(String(repeating: "w", count: 5000)), .whole(-1), .whole(0),
            .whole(.max), .bool(true), .null, .list([]), .list([.text("\u{7}"), .text("prompt")]),
        ]
        var restored = 0
        for key in members.keys.sorted() where key != "version" {
            for value in odd {
                let bytes = try JSONEncoder().encode(json.changing(key) { _ in value })
                guard let view = try? JSONDecoder().decode(ViewSnapshot.self, from: bytes) else { continue }
                var state = started(view)
                load(&state)
                for screen in ScreenID.allCases {
                    state.go(to: screen)
                    _ = update(&state, .atomsListed(Self.records))
                    let text = ScreenView.draw(state, look: Look()).grid.text
                    #expect(!text.unicodeScalars.contains { $0 != "\n" && ($0.value < 0x20 || $0 == "\u{202E}") }, "\(key)")
                }
                #expect((state.k ?? 8) <= 8 && (state.k ?? 1) >= 1)
                restored += 1
            }
        }
        #expect(restored > 20)
    }

    @Test func theLastHundredPromptsAreKept() {
        var state = WorkbenchState.ready()
        state.promptHistory = (0..<150).map { "prompt \($0)" } + [String(repeating: "é", count: 3000)]
        let view = ViewSnapshot(state)
        #expect(view.prompts.count == 100 && view.prompts[0] == "prompt 51")
        #expect(view.prompts[99].unicodeScalars.count == 2000)
    }

    // MARK: The file

    private func keeper(_ path: String, _ problems: @escaping @Sendable (String) -> Void = { _ in }, announce: @escaping @Sendable (Data) -> Void = { _ in }) -> ViewKeeper {
        ViewKeeper(path: path, announce: announce, onProblem: problems)
    }

    @Test func theKeeperWritesWholeFilesForTheirOwner() throws {
        let folder = try ScratchFolder(), path = folder.path + "/new/view.json", view = ViewSnapshot(try working())
        let announced = Mutex<[Data]>([])
        let keeper = keeper(path, announce: { data in announced.withLock { $0.append(data) } })
        keeper.keep(view)
        keeper.keep(view)
        keeper.finish()
        let written = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(announced.withLock { $0 } == [written], "an unchanged view is not made again")
        #expect(ViewFile.read(path).view == view)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new") == ["view.json"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/new")[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func whereItCannotBeKeptThatIsSaidOnce() throws {
        let folder = try ScratchFolder(), file = try folder.write("file", "x"), lines = Mutex<[String]>([])
        let keeper = keeper(file + "/view.json", { line in lines.withLock { $0.append(line) } })
        var state = try working()
        for text in ["a", "b"] {
            state.prompt.set(text)
            keeper.keep(ViewSnapshot(state))
            keeper.finish()
        }
        #expect(lines.withLock { $0.count } == 1 && lines.withLock { $0[0].contains(file) })
    }

    @Test(arguments: ["", "{", "{\"version\": 1}", "[]", "null"]) func aDamagedFileIsPutAside(_ text: String) throws {
        let folder = try ScratchFolder(), path = try folder.write("view.json", text)
        let (view, problem) = ViewFile.read(path)
        #expect(view == nil && problem?.contains("starting afresh") == true, "\(problem ?? "nothing")")
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try String(contentsOfFile: path + ".damaged", encoding: .utf8) == text)
        #expect(ViewFile.read(path).problem == nil, "said once")
    }

    @Test func columnsOfCheckpointsThatAreGoneStayAway() throws {
        let folder = try ScratchFolder(), path = folder.path + "/view.json", there = folder.path + "/there"
        try TinyWorld.writeCheckpoint(to: there)
        var state = try working()
        for (place, k) in [(there, 6), (there + "-not", 6), (there, 5)] {
            state.compareScreen.columns.append(
                CompareColumn(folder: place, name: "x", k: k, visionAtoms: place == there && k == 5 ? 9 : 6, hasAtoms: true))
        }
        try ViewFile.bytes(of: ViewSnapshot(state)).write(to: URL(fileURLWithPath: path))
        let view = try #require(ViewFile.read(path).view)
        #expect(view.columns.map(\.folder) == [nil, nil, there])
    }

    /// Through the real runner, twice.
    @Test func whatOneRunLeavesTheNextFinds() async throws {
        let folder = try ScratchFolder()
        var options = TinyWorld.shared.options
        options.viewPath = folder.path + "/view.json"
        func play(_ script: String, _ options: WorkbenchOptions) async throws -> String {
            try await OwnThread.run {
                try ScriptedRun.run(
                    KeyScript.parse(script), options: options, size: ScreenSize(rows: 30, columns: 110), look: Look()).grid.text
            }
        }
        _ = try await play("<esc>[<s-tab>j2<wait>/text<enter>", options)
        let second = try await play("<wait>", options)
        #expect(second.contains("[2 Atoms]") && second.contains("K 3 of 6") && second.contains("text/"))
        #expect(!second.contains("vision/"))
        #expect(try await play("1", options).contains("Answers about scene1.png"))
        var fresh = options
        fresh.restoresView = false
        #expect(try await play("", fresh).contains("[1 Ask]"))
        try "{".write(toFile: folder.path + "/view.json", atomically: false, encoding: .utf8)
        #expect(try await play("", options).contains("the view of last time"))
    }
}
