// Keys of the palette, the search and the mouse: the same on all screens.

import SpectralScreen

extension KeyMap {
    /// The Atoms screen's own `/` stands before them and filters.
    static let searchBindings: [KeyBinding] = [
        KeyBinding(
            keys: [.character("/")], command: .search, place: .outsidePrompt,
            help: "search the pane with the focus; lower case finds capitals too", short: nil),
        KeyBinding(
            keys: [.character("n")], command: .nextMatch, place: .outsidePrompt,
            help: "the next match; on Atoms the next atom that passes the filter", short: nil),
        KeyBinding(
            keys: [.character("N")], command: .previousMatch, place: .outsidePrompt, help: "the match before", short: nil),
        KeyBinding(
            keys: [.character("M")], command: .toggleMouse, place: .outsidePrompt,
            help: "the mouse on or off: a click chooses, the wheel scrolls; off, the terminal selects text", short: nil),
        KeyBinding(
            keys: [.character(":")], command: .palette, place: .outsidePrompt,
            help: "the palette: any command by its name, an atom by its address, folders of images", short: "palette"),
    ]
}
