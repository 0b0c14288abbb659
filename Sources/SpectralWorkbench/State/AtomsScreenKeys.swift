// Keys of the Atoms screen that measure and compare, and what help says of its figures.

import SpectralLens
import SpectralScreen

extension KeyMap {
    static let usageBindings: [KeyBinding] = [
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.usage), help: "go to the chosen image on the Ask screen",
            short: "to image"),
        KeyBinding(
            keys: [.enter], command: .enter, place: .pane(.coherence), help: "choose the atom of the cursor's row in the table",
            short: "choose"),
        KeyBinding(
            keys: [.character("u")], command: .measureUsage, place: .screen(.atoms),
            help: "measure every atom's share of the energy over the listed images", short: "use"),
    ]

    /// After those of muting, so that the help line names them first.
    static let coherenceBindings: [KeyBinding] = [
        KeyBinding(
            keys: [.character("K")], command: .showCoherence, place: .screen(.atoms),
            help: "how alike the atoms of the stack are, all pairs; s changes to dB", short: "alike")
    ]
}

extension HelpView {
    static let atomsText =
        "energy: share in this answer. median: the same over the images measured with u, with the caption "
        + "prompt, n in the title. " + FolderUsage.rule() + ". Rules of the flags: " + AtomThresholds().description + "."
}
