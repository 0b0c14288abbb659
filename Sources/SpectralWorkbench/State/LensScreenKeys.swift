// Keys of the Lens screen, and those that bring an atom there.

import SpectralScreen

extension KeyMap {
    static let lensBindings: [KeyBinding] = [
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.edits), help: "rewrite the chosen edit, or write the first",
            short: "rewrite"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.rank), help: "mute the chosen atom as well", short: "mute"),
        KeyBinding(keys: [.enter], command: .enter, place: .pane(.result), help: "go on after a stop", short: nil),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.controls), help: "go on after a stop", short: nil),
        KeyBinding(
            keys: [.character("w")], command: .writeEdit, place: .screen(.lens),
            help: "write an edit: mute vision/17, solo fusion/2/40, scale fusion/3=0.5, shift text/2=1.57, mute vision:0.25..",
            short: "edit"),
        KeyBinding(
            keys: [.character("x")], command: .removeEdit, place: .screen(.lens), help: "take the chosen edit away",
            short: "remove"),
        KeyBinding(
            keys: [.character("X")], command: .removeAllEdits, place: .screen(.lens), help: "take all edits away",
            short: nil),
        KeyBinding(
            keys: [.character("b")], command: .blankTest, place: .screen(.lens), help: "ask about a grey image as well",
            short: "grey"),
        KeyBinding(
            keys: [.character("s")], command: .shuffleTest, place: .screen(.lens),
            help: "ask about the image with its patches shuffled as well", short: "shuffle"),
        KeyBinding(
            keys: [.character("+")], command: .moreControls, place: .screen(.lens), help: "twice as many random sets",
            short: "controls", hintKeys: "+ -"),
        KeyBinding(
            keys: [.character("-")], command: .fewerControls, place: .screen(.lens), help: "half as many random sets",
            short: nil),
        KeyBinding(
            keys: [.character("R")], command: .rank, place: .screen(.lens),
            help: "rank all atoms by what the answer loses when each is muted alone", short: "rank"),
        KeyBinding(
            keys: [.character("m")], command: .muteAtom, place: .pane(.rank),
            help: "mute the chosen atom as well", short: nil),
    ]

    /// After the other keys of their screens, so that the help line names those first.
    static let mutingBindings: [KeyBinding] = [
        KeyBinding(
            keys: [.character("m"), .character("x")], command: .muteAtom, place: .screen(.atoms),
            help: "mute the atom and see on the Lens screen what it does", short: "mute"),
        KeyBinding(
            keys: [.character("x")], command: .muteAtom, place: .pane(.atoms),
            help: "mute the atom and see on the Lens screen what it does", short: "mute"),
    ]
}
