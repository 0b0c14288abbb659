// Every key, where it works, what it does and what to say of it. The help line and the help screen are made from this.

import SpectralScreen

/// What a key can be bound to.
public enum Command: Hashable, Sendable {
    case focusNext, focusPrevious, focus(Pane)
    case up, down, left, right, pageUp, pageDown, first, last
    case enter, escape
    case nextTask, ask, caption, ground
    case fewerAtoms, moreAtoms
    case nextSpectrum, nextAlignment
    case reload, redraw, help, quit
    case previousPrompt, nextPrompt
    case go(ScreenID)
    case nextOrder, reverseOrder, filter, nextLayer
    case oneFewerAtom, oneMoreAtom, addColumn, removeColumn, nextColumn, toggleDifference, nextDisagreement
    case writeEdit, removeEdit, removeAllEdits, muteAtom, blankTest, shuffleTest, moreControls, fewerControls, rank
    case save
    case saveScreen
    case nextScale, nextFloor
    case previousWord, nextWord, toggleOverlay
    case openSession, closeSession, recordSession, replaySession, annotate
    case palette, search, nextMatch, previousMatch, toggleMouse
    case measureUsage, showCoherence
}

/// One line of the key map.
public struct KeyBinding: Sendable {
    /// Where a binding works.
    public enum Place: Hashable, Sendable {
        /// All panes but the prompt line, whose letters are text.
        case outsidePrompt
        /// All panes.
        case everywhere
        /// All panes of a screen but the prompt line.
        case screen(ScreenID)
        case pane(Pane)
        case heatmaps
    }

    public let keys: [Key]
    public let command: Command
    public let place: Place
    /// What it does, a full phrase for the help screen.
    public let help: String
    /// One or two words for the help line; nil leaves it out there.
    public let short: String?
    /// How the help line names the keys, where the first one does not say it all.
    public var hintKeys: String?

    func works(in pane: Pane) -> Bool {
        switch place {
        case .everywhere: true
        case .outsidePrompt: pane != .prompt
        case .screen(let own): own == pane.screen && pane != .prompt
        case .pane(let own): own == pane
        case .heatmaps: [.spectrum, .alignment, .field, .pixels, .coherence, .maps].contains(pane)
        }
    }
}

public enum KeyMap {
    /// More special bindings stand before more general ones: the first that fits is taken.
    public static let bindings: [KeyBinding] = lensBindings + [
        KeyBinding(keys: [.enter], command: .enter, place: .pane(.prompt), help: "send the prompt", short: "send"),
        KeyBinding(
            keys: [.escape], command: .escape, place: .pane(.prompt),
            help: "stop the answer; otherwise leave the prompt line", short: "leave"),
        KeyBinding(
            keys: [.up], command: .previousPrompt, place: .pane(.prompt), help: "an earlier prompt", short: "history"),
        KeyBinding(keys: [.down], command: .nextPrompt, place: .pane(.prompt), help: "a later prompt", short: nil),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.images), help: "question this image", short: "question"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.conversation),
            help: "put the chosen question into the prompt line again", short: "ask again"),
        KeyBinding(
            keys: [.left, .character("h")], command: .previousWord, place: .pane(.conversation),
            help: "choose the word before: patches, atoms and tokens follow", short: "word", hintKeys: "h l"),
        KeyBinding(
            keys: [.right, .character("l")], command: .nextWord, place: .pane(.conversation),
            help: "choose the next word; Esc chooses none", short: nil),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.atoms), help: "go to the atom's spectrum", short: "spectrum"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.spectrum), help: "back to the atoms", short: "atoms"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.alignment),
            help: "choose the atom under the cursor", short: "choose atom"),
        KeyBinding(
            keys: [.escape], command: .escape, place: .everywhere,
            help: "stop what runs; else let go of word or patch; else answers", short: nil),
        KeyBinding(keys: [.tab], command: .focusNext, place: .everywhere, help: "next pane", short: "pane"),
        KeyBinding(keys: [.backtab], command: .focusPrevious, place: .everywhere, help: "previous pane", short: nil),
        KeyBinding(
            keys: [.control("t")], command: .nextTask, place: .pane(.prompt), help: "ask, caption or ground", short: "task"),
        KeyBinding(
            keys: [.control("t")], command: .nextTask, place: .screen(.ask), help: "ask, caption or ground", short: "task"),
        KeyBinding(
            keys: [.up, .character("k")], command: .up, place: .outsidePrompt, help: "up", short: nil),
        KeyBinding(
            keys: [.down, .character("j")], command: .down, place: .outsidePrompt, help: "down", short: "move",
            hintKeys: "hjkl"),
        KeyBinding(
            keys: [.left, .character("h")], command: .left, place: .outsidePrompt,
            help: "left in a heatmap, else previous pane", short: nil),
        KeyBinding(
            keys: [.right, .character("l")], command: .right, place: .outsidePrompt,
            help: "right in a heatmap, else next pane", short: nil),
        KeyBinding(keys: [.pageUp], command: .pageUp, place: .everywhere, help: "a page up", short: nil),
        KeyBinding(keys: [.pageDown], command: .pageDown, place: .everywhere, help: "a page down", short: nil),
        KeyBinding(
            keys: [.character("g"), .home], command: .first, place: .outsidePrompt, help: "to the first", short: nil),
        KeyBinding(
            keys: [.character("G"), .end], command: .last, place: .outsidePrompt,
            help: "to the last; in a heatmap to its peak", short: nil),
        KeyBinding(
            keys: [.character("a"), .character("i")], command: .ask, place: .outsidePrompt, help: "ask a question",
            short: "ask"),
        KeyBinding(
            keys: [.character("c")], command: .caption, place: .outsidePrompt, help: "caption the image",
            short: "caption"),
        KeyBinding(
            keys: [.character("b")], command: .ground, place: .outsidePrompt,
            help: "find a phrase in the image and draw its box", short: "find"),
        KeyBinding(
            keys: [.character("m")], command: .nextAlignment, place: .screen(.ask),
            help: "alignment of words, its angle, of patches, or what words read", short: "map"),
        KeyBinding(
            keys: [.character("s")], command: .nextSpectrum, place: .screen(.ask),
            help: "spectrum of the atom's field, or of its footprint in pixels", short: nil),
        KeyBinding(
            keys: [.character("v")], command: .toggleOverlay, place: .screen(.ask),
            help: "lay the patches' alignment over the image, or take it off", short: "overlay"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.table), help: "look at the atom", short: "look"),
        KeyBinding(
            keys: [.character("/")], command: .filter, place: .screen(.atoms),
            help: "show only some atoms: words such as vision or dead, comparisons such as period<4 or energy>0.05",
            short: "filter"),
        KeyBinding(
            keys: [.character("o")], command: .nextOrder, place: .screen(.atoms), help: "sort by the next column",
            short: "order"),
        KeyBinding(
            keys: [.character("O")], command: .reverseOrder, place: .screen(.atoms), help: "turn the order round",
            short: nil),
        KeyBinding(
            keys: [.character("s")], command: .nextSpectrum, place: .screen(.atoms),
            help: "in a heatmap: the next way to look at the atom", short: "next map"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .screen(.sessions),
            help: "open the chosen session; in one, put the chosen run's words into the prompt line", short: "choose"),
        KeyBinding(
            keys: [.character("o")], command: .openSession, place: .screen(.sessions), help: "open a session file", short: "open"),
        KeyBinding(
            keys: [.character("x")], command: .closeSession, place: .screen(.sessions),
            help: "put the session away, to choose another", short: "close"),
        KeyBinding(
            keys: [.character("w")], command: .recordSession, place: .screen(.sessions),
            help: "record the answers of this sitting to a file, new or old", short: "record"),
        KeyBinding(
            keys: [.character("R")], command: .replaySession, place: .screen(.sessions),
            help: "make every run of the session again and compare", short: "replay"),
        KeyBinding(
            keys: [.character("A")], command: .annotate, place: .screen(.sessions),
            help: "add a note to the recording, about the chosen run if it is in view", short: "note"),
        KeyBinding(
            keys: [.character("L")], command: .nextLayer, place: .screen(.atoms),
            help: "amplitude, phase and gain of the next layer", short: "layer"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .screen(.compare), help: "ask all columns again", short: "again"),
        KeyBinding(
            keys: [.character("[")], command: .fewerAtoms, place: .screen(.compare),
            help: "halve K of the chosen column", short: "K", hintKeys: "[ ]"),
        KeyBinding(
            keys: [.character("]")], command: .moreAtoms, place: .screen(.compare),
            help: "double K of the chosen column", short: nil),
        KeyBinding(
            keys: [.character("f")], command: .nextDisagreement, place: .screen(.compare),
            help: "the next image or question on which columns disagree", short: "disagree"),
        KeyBinding(
            keys: [.character("+")], command: .addColumn, place: .screen(.compare),
            help: "add a column: K, checkpoint DIR or DIR:K; Enter alone: K/2", short: "add"),
        KeyBinding(
            keys: [.character("x")], command: .removeColumn, place: .screen(.compare),
            help: "remove the chosen column", short: "remove"),
        KeyBinding(
            keys: [.character("d")], command: .toggleDifference, place: .screen(.compare),
            help: "maps: the columns, or their differences to the first", short: "difference"),
        KeyBinding(
            keys: [.character("o")], command: .nextColumn, place: .screen(.compare), help: "choose the next column",
            short: "column"),
        KeyBinding(
            keys: [.character("{")], command: .oneFewerAtom, place: .screen(.compare),
            help: "one atom fewer in the chosen column", short: nil),
        KeyBinding(
            keys: [.character("}")], command: .oneMoreAtom, place: .screen(.compare),
            help: "one atom more in the chosen column", short: nil),
        KeyBinding(
            keys: [.character("[")], command: .fewerAtoms, place: .outsidePrompt,
            help: "halve K, the vision atoms in use, for the next answers", short: nil),
        KeyBinding(
            keys: [.character("]")], command: .moreAtoms, place: .outsidePrompt, help: "double K", short: nil),
        KeyBinding(
            keys: [.character("z")], command: .nextScale, place: .heatmaps,
            help: "another scale: the map's own, linear, percentile", short: "scale", hintKeys: "z Z"),
        KeyBinding(
            keys: [.character("Z")], command: .nextFloor, place: .heatmaps, help: "another dB floor: -40, -60, -80",
            short: nil),
        KeyBinding(
            keys: [.character("e")], command: .save, place: .outsidePrompt,
            help: "save the pane: picture, text or figures (.csv .json .md)", short: nil),
        KeyBinding(
            keys: [.character("E")], command: .saveScreen, place: .outsidePrompt,
            help: "save the whole screen: .svg, .png or .txt", short: nil),
        KeyBinding(
            keys: [.character("r")], command: .reload, place: .outsidePrompt, help: "read the image folder again",
            short: nil),
    ] + usageBindings + mutingBindings + coherenceBindings + searchBindings + ScreenID.allCases.map { screen in
        KeyBinding(
            keys: [.character(Character("\(screen.rawValue)"))], command: .go(screen), place: .outsidePrompt,
            help: "the \(screen.title) screen", short: nil)
    } + [
        KeyBinding(
            keys: [.control("l")], command: .redraw, place: .everywhere, help: "draw the screen again", short: nil),
        KeyBinding(
            keys: [.character("?"), .function(1)], command: .help, place: .outsidePrompt, help: "this help",
            short: "help"),
        KeyBinding(keys: [.function(1)], command: .help, place: .pane(.prompt), help: "this help", short: "help"),
        KeyBinding(keys: [.control("q")], command: .quit, place: .pane(.prompt), help: "quit", short: "quit"),
        KeyBinding(keys: [.character("q"), .control("q")], command: .quit, place: .outsidePrompt, help: "quit", short: "quit"),
    ]

    /// What a key means in a pane; nil for nothing.
    public static func command(for key: Key, in pane: Pane) -> Command? {
        bindings.first { $0.works(in: pane) && $0.keys.contains(key) }?.command
    }

    /// A key as it is named to people.
    public static func name(of key: Key) -> String {
        switch key {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .up: "Up"
        case .down: "Down"
        case .left: "Left"
        case .right: "Right"
        case .enter: "Enter"
        case .tab: "Tab"
        case .backtab: "Shift-Tab"
        case .escape: "Esc"
        case .backspace: "Backspace"
        case .delete: "Delete"
        case .home: "Home"
        case .end: "End"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .control(let character): "Ctrl-\(character.uppercased())"
        case .function(let number): "F\(number)"
        }
    }

    /// Keys and what they do here, for the help line, most telling first; help and quit, which are always in view, last.
    ///
    /// - Parameter useless: commands that would change nothing as things stand.
    public static func hints(
        in pane: Pane, without useless: Set<Command> = []
    ) -> (here: [(key: String, what: String)], always: [(key: String, what: String)]) {
        let all = bindings.filter { $0.works(in: pane) && $0.short != nil && !useless.contains($0.command) }
        func isAlways(_ binding: KeyBinding) -> Bool { binding.command == .help || binding.command == .quit }
        func isOwn(_ binding: KeyBinding) -> Bool {
            switch binding.place {
            case .pane, .screen: true
            case .outsidePrompt, .everywhere, .heatmaps: false
            }
        }
        let here = all.filter { !isAlways($0) }
        func hint(_ binding: KeyBinding) -> (key: String, what: String) {
            (binding.hintKeys ?? name(of: binding.keys[0]), binding.short ?? "")
        }
        return ((here.filter(isOwn) + here.filter { !isOwn($0) }).map(hint), all.filter(isAlways).map(hint))
    }

    /// For the help line while a line is written in a pane, which then has all keys.
    static let hintsInLine = [(key: name(of: .enter), what: "done"), (key: name(of: .escape), what: "cancel")]

    /// All bindings in sections for the help screen.
    public static var sections: [(title: String, lines: [(keys: String, help: String)])] {
        func section(_ title: String, _ chosen: (KeyBinding) -> Bool) -> (String, [(String, String)]) {
            (title, bindings.filter(chosen).map { ($0.keys.map(name).joined(separator: ", "), $0.help) })
        }
        let everywhere = section("Everywhere") { $0.place == .everywhere }
        let outside = section("Outside the prompt line") { $0.place == .outsidePrompt }
        let heatmaps = section("In heatmaps") { $0.place == .heatmaps }
        let screens = ScreenID.allCases.map { screen in section("On \(screen.title)") { $0.place == .screen(screen) } }
        let panes = Pane.allCases.map { pane in section("In \(pane.rawValue)") { $0.place == .pane(pane) } }
        return ([everywhere, outside, heatmaps] + screens + panes).filter { !$0.1.isEmpty }
    }
}
