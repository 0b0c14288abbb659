// All that the screen shows, as one value. Nothing here draws, reads files or waits.

import SpectralModel
import SpectralScreen

/// Rows and columns of a screen or of a part of one.
public struct ScreenSize: Hashable, Sendable {
    public var rows: Int
    public var columns: Int

    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }
}

/// The screens, each a key of its number away.
public enum ScreenID: Int, Hashable, Sendable, CaseIterable {
    case ask = 1, atoms = 2, compare = 3, lens = 4, sessions = 5

    public var title: String {
        switch self {
        case .ask: "Ask"
        case .atoms: "Atoms"
        case .compare: "Compare"
        case .lens: "Lens"
        case .sessions: "Sessions"
        }
    }

    /// In the order Tab visits them.
    public var panes: [Pane] { Pane.allCases.filter { $0.screen == self } }
}

/// A part of a screen that can have the focus. The screen in view is that of the pane with the focus.
public enum Pane: String, Hashable, Sendable, CaseIterable {
    case images, conversation, prompt, atoms, spectrum, alignment
    case table, field, pixels
    case usage, coherence
    case figures, maps, matches
    case edits, result, controls, rank
    case entries, entry

    public var screen: ScreenID {
        switch self {
        case .images, .conversation, .prompt, .atoms, .spectrum, .alignment: .ask
        case .table, .field, .pixels, .usage, .coherence: .atoms
        case .figures, .maps, .matches: .compare
        case .edits, .result, .controls, .rank: .lens
        case .entries, .entry: .sessions
        }
    }
}

/// What is known of the loaded checkpoint.
public struct CheckpointFacts: Equatable, Sendable {
    public let name: String
    public let preset: String
    /// Vision atoms K of the checkpoint.
    public let visionAtoms: Int
    public let hasAtoms: Bool
    /// What it was trained for, at least one.
    public let tasks: [AskTask]
    public let warnings: [String]

    public init(
        name: String, preset: String, visionAtoms: Int, hasAtoms: Bool, tasks: [AskTask] = AskTask.allCases, warnings: [String]
    ) {
        self.name = name
        self.preset = preset
        self.visionAtoms = visionAtoms
        self.hasAtoms = hasAtoms
        self.tasks = tasks
        self.warnings = warnings
    }
}

/// One image of the list.
public struct ImageEntry: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        case unread
        case ready(ImageFacts)
        /// One line that says what is wrong with the file.
        case broken(String)
    }

    public let path: String
    public var status = Status.unread

    public init(path: String) { self.path = path }

    /// The last part of the path.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// An image's size, and a small copy of it to show.
public struct ImageFacts: Equatable, Sendable {
    public let width: Int
    public let height: Int
    public let preview: ImagePreview

    public init(width: Int, height: Int, preview: ImagePreview) {
        self.width = width
        self.height = height
        self.preview = preview
    }
}

/// A cell of a heatmap's values.
public struct MapCursor: Hashable, Sendable {
    public var row: Int
    public var column: Int
}

/// What the alignment pane shows.
public enum AlignmentMode: String, Hashable, Sendable, CaseIterable {
    case words, angles, patches, reading

    /// Whether the map's cells are patches, which the cursor chooses.
    var isOfPatches: Bool { self == .patches || self == .reading }
}

/// The state of the workbench.
public struct WorkbenchState: Equatable, Sendable {
    public enum Loading: Equatable, Sendable {
        case underWay
        case done(CheckpointFacts)
        /// One line that says what to do.
        case failed(String)
    }
    public enum Overlay: Equatable, Sendable {
        case help(HelpState)
        case quitQuestion
        /// The name of a file to save the pane with the focus to, while it is written.
        case saving(PromptLine)
        case palette(PaletteState)
        /// What to search for in the pane with the focus, while it is written.
        case searching(PromptLine)
    }

    public var size: ScreenSize
    public var checkpoint = Loading.underWay
    public var overlay: Overlay?
    /// One line about the last command, gone with the next key.
    public var notice: String?
    public var isQuitting = false
    /// Scripted runs leave times out: they differ from run to run.
    public var showsTimes = true

    public var focus = Pane.prompt
    /// Lines run in the palette, oldest first, none twice.
    public var paletteHistory: [String] = []
    public var search = SearchState()
    /// Whether the mouse does something here; otherwise the terminal selects text with it.
    public var usesMouse = false
    /// Where the focus returns to on the screens that are not in view.
    var lastFocus: [ScreenID: Pane] = [:]
    public var atomsScreen = AtomsScreenState()
    public var compareScreen = CompareScreenState()
    public var lensScreen = LensScreenState()
    public var sessionsScreen = SessionsScreenState()
    public var scales = HeatmapScales()
    public var saving = SavingState()
    /// The view of last time, until all of it is back or has no place here.
    var restoring: RestoringView?
    /// The turn whose words were put back into the prompt line; the next one comes from it.
    var promptOrigin: Int?
    /// Which column is in view where the answer and the atoms share one place.
    public var showsAtoms = false
    /// Which heatmap is in view where the two share one place.
    public var showsAlignment = false

    public var images: [ImageEntry] = []
    /// One line when the folder or files named could not be listed; nil while listing or when all went well.
    public var imagesProblem: String?
    public var isListing = true
    /// What is listed in place of what the program was started with; empty until something is opened.
    public var imageSources: [String] = []
    /// What is being opened.
    var imagesOpening: [String]?
    public var imageList = ListState()

    public var task = AskTask.ask
    public var prompt = PromptLine()
    /// Prompts used before, oldest first.
    public var promptHistory: [String] = []
    /// Which of them the prompt line shows; nil for a new line.
    public var historyPlace: Int?
    /// The line that was being written when the history was entered.
    var promptDraft = ""
    /// Vision atoms asked for; nil for all.
    public var k: Int?

    public var turns: [Turn] = []
    public var lastTurnID = 0
    /// By image path: the turn whose atoms are shown.
    public var chosenTurn: [String: Int] = [:]
    /// Lines the conversation is scrolled up from where it would stand.
    public var conversationScroll = 0

    public var atomList = ListState()
    /// Whether the selected atom was picked by hand, and so stays selected while rows move.
    var atomIsChosen = false
    public var atomView: AtomView?
    /// What `atomView` will be about once the answer to the last request is in.
    public var requestedView: AtomViewRequest?
    public var spectrumChoice = 0
    public var spectrumCursor: MapCursor?
    public var alignmentMode = AlignmentMode.words
    public var choice = AskChoice()

    public init(size: ScreenSize, k: Int? = nil) {
        self.size = size
        self.k = k
    }
}

/// Names one look at one atom.
public struct AtomViewRequest: Hashable, Sendable {
    public let turn: Int
    public let address: AtomAddress
    public let word: Int?
}

// MARK: What follows from it

extension WorkbenchState {
    public var screen: ScreenID { focus.screen }

    public var facts: CheckpointFacts? { if case .done(let facts) = checkpoint { facts } else { nil } }

    /// What the checkpoint can be asked for; everything until it is known.
    var tasks: [AskTask] { facts?.tasks ?? AskTask.allCases }

    public var selectedImage: ImageEntry? {
        images.indices.contains(imageList.selected) ? images[imageList.selected] : nil
    }

    /// Turns about the selected image, oldest first.
    public var conversation: [Turn] {
        guard let path = selectedImage?.path else { return [] }
        return turns.filter { $0.request.imagePath == path }
    }

    /// The turn whose atoms are shown.
    public var shownTurn: Turn? {
        let all = conversation
        guard let path = selectedImage?.path else { return nil }
        return all.first { $0.id == chosenTurn[path] } ?? all.last
    }

    /// The turn the engine answers now.
    public var running: Turn? { turns.last { $0.isUnderWay } }
    /// The turn whose atoms are being measured now.
    public var measuring: Turn? { turns.last { $0.measurement.status == .running } }

    public var selectedAtom: AtomRow? {
        let atoms = shownAtoms
        return atoms.indices.contains(atomList.selected) ? atoms[atomList.selected] : nil
    }

    /// The look at an atom that belongs to the turn in view; nil while there is none.
    public var shownView: AtomView? { atomView.flatMap { $0.turn == shownTurn?.id ? $0 : nil } }

    public var shownSpectrum: NamedMap? {
        shownView.map { $0.spectra[min(max(0, spectrumChoice), $0.spectra.count - 1)] }
    }

    /// What the alignment pane shows now.
    public var shownAlignment: NamedMap? {
        switch alignmentMode {
        case .words: shownTurn?.measurement.alignment.map { NamedMap(name: "Phase alignment, atoms by effect", map: $0) }
        case .angles: shownTurn?.measurement.angles.map { NamedMap(name: "Phase angle, atoms by effect", map: $0) }
        case .patches: shownView?.patches ?? patchesOfAllAtoms
        case .reading: patchesRead
        }
    }

    /// The alignment's column of the selected atom, if it has one.
    var selectedColumn: Int? {
        guard let turn = shownTurn, let atom = selectedAtom, atom.address.stack == .fusion else { return nil }
        return turn.measurement.alignedAtoms.firstIndex(of: atom.address.atom)
    }

    /// Where the spectrum's cursor stands: at the peak until it is moved.
    public var shownSpectrumCursor: MapCursor? { shownSpectrum.map { spectrumCursor ?? $0.map.peak } }

    /// Where the alignment's cursor stands: until it is moved, at the selected atom's strongest word, or at the peak of
    /// a map of patches.
    public var shownAlignmentCursor: MapCursor? {
        guard let map = shownAlignment?.map else { return nil }
        if alignmentMode.isOfPatches { return chosenPatch ?? map.peak }
        if let word = alignedWord {
            return MapCursor(row: word, column: choice.column ?? selectedColumn ?? map.peak(inRow: word))
        }
        guard let column = selectedColumn, let words = shownTurn?.measurement.alignment else { return map.peak }
        let row = (0..<words.rows).max { words.strength(row: $0, column: column) < words.strength(row: $1, column: column) }
        return MapCursor(row: row ?? 0, column: column)
    }

    /// Whether quitting would lose work.
    public var isBusy: Bool { workToLose != nil }
}
