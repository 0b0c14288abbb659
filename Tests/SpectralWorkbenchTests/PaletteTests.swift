@testable import SpectralLens
import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Six atoms: vision/0 to vision/2, text/0, fusion/0 and fusion/1, each of two layers.
func sixAtoms() -> [AtomRecord] {
    func record(_ stack: AtomStack, _ index: Int, _ frequency: [Float]) -> AtomRecord {
        let layers = (0..<2).map {
            AtomLayerUse(layer: $0, amplitude: 1, phase: 0, meanGain: 1, meanCrossGain: nil, energyShare: nil, imagePart: nil)
        }
        return AtomRecord(
            stack: stack, index: index, frequency: frequency, period: nil, periodUnit: stack == .text ? "tokens" : "patches",
            direction: nil, isInUse: true, layers: layers, energyShare: nil, isDead: false, duplicateOf: nil, isNearNyquist: false)
    }
    return (0..<3).map { record(.vision, $0, [Float($0) / 8, 0]) } + [record(.text, 0, [0.1])]
        + (0..<2).map { record(.fusion, $0, [0, 0, Float($0) / 4]) }
}

extension WorkbenchState {
    /// Three images, six atoms, and a finished and measured answer about the first image; the answers have the focus.
    static func answered(rows: Int = 40, columns: Int = 120) throws -> WorkbenchState {
        var state = WorkbenchState.ready(rows: rows, columns: columns)
        _ = update(&state, .atomsListed(sixAtoms()))
        _ = try state.type("what is it<enter>")
        _ = update(&state, .engine(turn: 1, .started(k: 8)))
        _ = update(&state, .engine(turn: 1, .finished(SpectralWorkbenchTests.answered("red"))))
        _ = update(&state, .measured(turn: 1, measured()))
        _ = update(&state, .measurementEnded(turn: 1, isComplete: true))
        _ = try state.type("<esc>")
        return state
    }

    /// Runs a line of the palette as it is typed.
    mutating func run(line: String) -> [Effect] {
        var effects = update(&self, .key(.character(":")))
        for character in line { effects += update(&self, .key(.character(character))) }
        return effects + update(&self, .key(.enter))
    }

    func shown(_ glyphs: GlyphSet = .ascii) -> String { ScreenView.draw(self, look: Look(glyphs: glyphs, colors: .mono)).grid.text }
}

/// The palette by its state: lines in, what the keys would do out.
@Suite struct PaletteTests {
    private static func request(_ prompt: String, _ task: AskTask = .ask) -> TurnRequest {
        TurnRequest(imagePath: "/x/a.png", task: task, prompt: prompt, k: nil)
    }

    private static func atom(_ text: String) -> AtomAddress { AtomAddress(text)! }

    @Test func everyCommandButMovingAboutIsThere() {
        let moving: Set<Command> = [
            .focusNext, .focusPrevious, .up, .down, .left, .right, .pageUp, .pageDown, .first, .last, .enter, .escape,
            .previousPrompt, .nextPrompt, .palette,
        ]
        let reached = PaletteEntry.all.map { entry -> Command? in
            switch entry.meaning {
            case .command(let command): command
            case .verb(let verb): verb.command
            }
        }
        for binding in KeyMap.bindings where !moving.contains(binding.command) {
            #expect(reached.contains(binding.command), "\(binding.help)")
        }
        let names = PaletteEntry.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } })
        #expect(["images", "next-layer", "mouse", "compare", "quit", "caption"].allSatisfy(names.contains))
    }

    /// The key on its screen and the name from another screen end in the same state with the same effects.
    @Test func aNameDoesWhatItsKeyDoes() throws {
        for entry in PaletteEntry.all {
            guard case .command(let command) = entry.meaning else { continue }
            let bindings = KeyMap.bindings.filter { $0.command == command }
            let onScreen = bindings.first { if case .screen = $0.place { true } else { false } }
            guard let binding = bindings.first(where: { $0.place == .outsidePrompt }) ?? onScreen else { continue }
            for start in ScreenID.allCases where binding.home == nil || binding.home == start {
                var byKey = try WorkbenchState.answered()
                _ = try byKey.type("\(start.rawValue)")
                var byName = byKey
                let expected = update(&byKey, .key(binding.keys[0]))
                #expect(byName.run(line: entry.name) == expected, "\(entry.name) on \(start)")
                #expect(byName.paletteHistory == [entry.name])
                byName.paletteHistory = []
                #expect(byName == byKey, "\(entry.name) on \(start)")
            }
            if let home = binding.home {
                var elsewhere = try WorkbenchState.answered()
                _ = try elsewhere.type(home == .compare ? "4" : "3")
                _ = elsewhere.run(line: entry.name)
                #expect(elsewhere.screen == home || command == .muteAtom, "\(entry.name) goes to its screen")
            }
        }
    }

    @Test func whatFitsIsListedBestFirstWithHelpAndKey() throws {
        var state = try WorkbenchState.answered()
        _ = try state.type(":")
        #expect(state.shown().contains("ask [QUESTION]") && state.shown().contains("Palette \(PaletteEntry.all.count);"))
        _ = try state.type("nlay")
        guard case .palette(let palette)? = state.overlay else { Issue.record("no palette"); return }
        let choices = state.paletteChoices(palette)
        #expect(choices.map(\.label) == ["next-layer"] && choices[0].keys == "2 L")
        #expect(state.shown().contains("amplitude, phase and gain of the next layer"))
        _ = try state.type("zz")
        #expect(state.shown().contains("no command has these letters"))
        #expect(try state.type("<esc>") == [] && state.overlay == nil)
    }

    @Test func tabAndArrowsChooseAndEnterRuns() throws {
        var state = try WorkbenchState.answered()
        _ = try state.type(":half<c-u>capt<tab>")
        #expect(state.openLine?.text == "caption")
        #expect(try state.type("<enter>") == [.answer(id: 2, Self.request("", .caption))])
        _ = update(&state, .engine(turn: 2, .failed("no")))
        _ = try state.type(":next<down><down><up>")
        let first = state.openLine?.text
        _ = try state.type("<tab>")
        let second = state.openLine?.text
        #expect(first?.hasPrefix("next-") == true && second?.hasPrefix("next-") == true && first != second)
        _ = try state.type("<s-tab>")
        #expect(state.openLine?.text == first)
        // Writing on makes what stands there the line.
        _ = try state.type("<s-tab><bs>x")
        guard case .palette(let palette)? = state.overlay else { Issue.record("no palette"); return }
        #expect(palette.choice == nil && palette.typed.hasSuffix("x"))
    }

    @Test func linesAreRememberedOnceOldestFirst() throws {
        var state = try WorkbenchState.answered()
        for line in ["k 4", "nonsense", " k 4 ", "k all"] { _ = state.run(line: line) }
        #expect(state.paletteHistory == ["nonsense", "k 4", "k all"])
        _ = try state.type(":<up><up>")
        #expect(state.openLine?.text == "k 4")
        _ = try state.type("<down>")
        #expect(state.openLine?.text == "k all")
        _ = try state.type("<down>")
        #expect(state.openLine?.text == "")
        _ = try state.type("<up><up><up><up><enter>")
        #expect(state.notice?.hasPrefix("nonsense is no command") == true)
    }

    @Test func unknownWordsNameTheNearest() throws {
        var state = try WorkbenchState.answered()
        for (line, expected) in [
            ("captoin", "captoin is no command; the nearest are caption"), ("mouze", "mouse"),
            ("next", "next could be next-"), ("caption now", "caption takes nothing after it"), ("images", "images PATH...: "),
            ("vision/x", "vision/x is no atom"), ("vision", "vision is no atom"), ("\u{1B}[2J", "is no command"),
        ] {
            #expect(state.run(line: line) == [], "\(line)")
            #expect(state.notice?.contains(expected) == true, "\(line): \(state.notice ?? "")")
            #expect(!state.shown().contains("\u{1B}"))
        }
        // A beginning that only one has is enough.
        _ = state.run(line: "mou")
        #expect(state.usesMouse)
    }

    @Test func wordsWithSomethingAfterThem() throws {
        var state = try WorkbenchState.answered()
        _ = try state.type("3")
        #expect(state.run(line: "ask  how many?").last == .answer(id: 2, Self.request("how many?")))
        #expect(state.focus == .conversation && state.task == .ask)
        _ = update(&state, .engine(turn: 2, .failed("no")))
        #expect(state.run(line: "find the red circle").last == .answer(id: 3, Self.request("the red circle", .ground)))
        _ = update(&state, .engine(turn: 3, .failed("no")))

        for (line, k) in [("k 3", 3), ("k 8", nil), ("k 2", 2), ("k 9", 2), ("k 0", 2), ("k many", 2), ("k all", nil)] as [(String, Int?)] {
            _ = state.run(line: line)
            #expect(state.k == k, "\(line)")
        }
        #expect(state.run(line: "image 3").contains(.readImage(path: "/x/c.png")))
        #expect(state.selectedImage?.name == "c.png")
        _ = state.run(line: "image b.")
        #expect(state.selectedImage?.name == "b.png" && state.notice == "image 2 of 3: b.png")
        for line in ["image 4", "image 0", "image none", "image \(Int.min)", "image \(Int.max)"] { #expect(state.run(line: line) == [], "\(line)") }
        // Where names are numbers a whole name comes before a place in the list, and a part of one after it.
        var numbered = WorkbenchState.ready(["/x/0003.png", "/x/000391.png", "/x/000002.png"])
        _ = try numbered.type("<esc>")
        for (line, name) in [
            ("image 0003", "0003.png"), ("image 000002", "000002.png"), ("image 2", "000391.png"), ("image 391", "000391.png"),
        ] {
            _ = numbered.run(line: line)
            #expect(numbered.selectedImage?.name == name, "\(line)")
        }
        #expect(state.selectedImage?.name == "b.png")
        #expect(state.run(line: "open a\\ b.jsonl").first == .openSession("a b.jsonl") && state.screen == .sessions)
        guard case .save(let request)? = state.run(line: "save my picture.svg").first else { Issue.record("nothing saved"); return }
        #expect(request.path == "my picture.svg")
        #expect(state.run(line: "save x.gif") == [] && state.notice?.hasPrefix("nothing was saved") == true)
        _ = state.run(line: "help alignment of words")
        #expect(state.shown().contains("match 1 of 2 for alignment of words"))
    }

    @Test func editsAreMadeOnTheLens() throws {
        var state = try WorkbenchState.answered()
        guard case .lens(_, let job)? = state.run(line: "mute vision/1").last else { Issue.record("no lens job"); return }
        #expect(job.edits == [try LensEdit("mute", "vision/1")] && state.focus == .edits)
        _ = state.run(line: "scale fusion/1=0.5")
        #expect(state.lensScreen.edits.map(\.description) == ["mute vision/1", "scale fusion/1=0.5"])
        _ = try state.type("1")
        #expect(state.run(line: "mute vision/") == [] && state.screen == .ask)
        #expect(state.notice?.hasPrefix("cannot read") == true)
    }

    @Test func addressesGoToTheAtomAndItsLayer() throws {
        var state = try WorkbenchState.answered()
        let shown = state.run(line: "fusion/1/1")
        #expect(shown == [.detailAtom(AtomMapsRequest(address: Self.atom("fusion/1"), layer: 1))])
        #expect(state.focus == .table && state.chosenRecord?.address == Self.atom("fusion/1"))
        // A filter that hides it is taken away.
        _ = try state.type("/vision<enter>")
        _ = state.run(line: "TEXT/0")
        #expect(state.chosenRecord?.stack == .text && state.atomsScreen.filter.isEmpty)
        _ = try state.type("1")
        for (line, expected) in [
            ("vision/3", "vision/3: no such atom; vision has 0 to 2"), ("fusion/2/1", "fusion/2/1: no such layer; fusion has 0 to 1"),
            ("text/1/9", "text/1/9: no such atom; text has 0 to 0"),
        ] {
            #expect(state.run(line: line) == [] && state.screen == .ask)
            #expect(state.notice == expected)
        }
        _ = try state.type(":fusion/<tab><tab>")
        #expect(state.openLine?.text == "fusion/1")
        _ = try state.type("<c-u>mute vision/0,vis<tab><c-u>mute vision/0,vision/<tab>")
        #expect(state.openLine?.text == "mute vision/0,vision/0")
    }

    @Test func anAddressWaitsUntilTheAtomsAreKnown() throws {
        var state = WorkbenchState.ready()
        _ = try state.type("<esc>")
        #expect(state.run(line: "vision/2") == [.listAtoms])
        #expect(state.screen == .atoms && state.chosenRecord == nil)
        let effects = update(&state, .atomsListed(sixAtoms()))
        #expect(effects == [.detailAtom(AtomMapsRequest(address: Self.atom("vision/2"), layer: 0))])
        #expect(state.chosenRecord?.index == 2)

        var missing = WorkbenchState.ready()
        _ = try missing.type("<esc>")
        _ = missing.run(line: "vision/7")
        _ = update(&missing, .atomsListed(sixAtoms()))
        #expect(missing.notice == "vision/7: no such atom; vision has 0 to 2")

        var twin = WorkbenchState(size: ScreenSize(rows: 24, columns: 80))
        _ = update(&twin, .checkpointLoaded(CheckpointFacts(name: "twin", preset: "attention", visionAtoms: 3, hasAtoms: false, warnings: [])))
        _ = try twin.type("<esc>")
        #expect(twin.run(line: "vision/1") == [] && twin.notice?.contains("attention twin") == true)
        // Its K means nothing.
        _ = twin.run(line: "k 2")
        #expect(twin.k == nil && twin.notice?.contains("no K") == true)
        _ = try twin.type("[")
        #expect(twin.k == nil)
        #expect(!ScreenView.draw(twin, look: Look(glyphs: .ascii, colors: .mono)).grid.text.contains("K 3"))
    }

    /// Down to the least size the list stays on the screen and the line under it.
    @Test(arguments: [(20, 60), (24, 80), (60, 200), (100, 300)]) func standsOnEveryScreen(rows: Int, columns: Int) throws {
        var state = try WorkbenchState.answered(rows: rows, columns: columns)
        for screen in 1...5 {
            _ = try state.type("\(screen):")
            for (step, key) in ["", "<tab>", "<s-tab>", "<s-tab>", "<s-tab>"].enumerated() {
                _ = try state.type(key)
                let frame = ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono))
                #expect(frame.grid.rows == rows && frame.grid.columns == columns && frame.cursorRow == rows - 1)
                #expect(frame.grid.lineText(rows - 1).hasPrefix(" :"))
                #expect(frame.grid.text.contains("> ask [QUESTION]") == (step == 1))
            }
            _ = try state.type("<esc>")
        }
    }
}

/// Finding what is meant, against values worked out by hand.
@Suite struct FuzzyMatchTests {
    @Test func lettersMustStandInOrder() {
        #expect(FuzzyMatch.score("nl", in: "next-layer") != nil && FuzzyMatch.score("ln", in: "next-layer") == nil)
        #expect(FuzzyMatch.score("", in: "x") == 0 && FuzzyMatch.score("x", in: "") == nil)
        #expect(FuzzyMatch.best(["remove-edit", "rank", "add-column", "redraw"], for: "r", by: \.self).prefix(2) == ["rank", "redraw"])
        #expect(FuzzyMatch.best(["add-column", "caption", "next-column"], for: "co", by: \.self) == ["add-column", "next-column", "caption"])
        #expect(FuzzyMatch.best(["toggle", "go"], for: "GO", by: \.self).first == "go")
    }

    @Test(arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("flaw", "lawn", 2), ("same", "same", 0)])
    func distances(a: String, b: String, expected: Int) {
        #expect(FuzzyMatch.distance(a, b) == expected && FuzzyMatch.distance(b, a) == expected)
    }

    @Test func wordsKeepTheirSpaces() {
        #expect(PaletteWords.split(#"a\ b "c d" e'f g'h \\ "#) == ["a b", "c d", "ef gh", "\\"])
        for word in ["plain", "a b", #"it's "so""#, #"back\slash"#] { #expect(PaletteWords.split(PaletteWords.escaped(word)) == [word]) }
        let line = #"images /x a\ b/c"#, last = PaletteWords.last(line)
        #expect(last.word == "a b/c" && line[last.start...] == #"a\ b/c"#)
        #expect(PaletteWords.last("images ").word == "")
    }
}
