// The view as it is kept from one run of the program to the next: what was looked at, not what was found.
//
// What it guarantees: whatever a snapshot says, what it makes of a state is a state that keys could have led to.

import SpectralScreen

/// A view, as it is written to a file. Names that mean nothing any more are passed over when it is restored.
public struct ViewSnapshot: Codable, Equatable, Sendable {
    public struct Checkpoint: Codable, Equatable, Sendable {
        let name: String
        let preset: String
        let visionAtoms: Int
    }
    public struct Column: Codable, Equatable, Sendable {
        /// Nil for the checkpoint that was loaded.
        let folder: String?
        let name: String
        let k: Int
        let visionAtoms: Int
        let hasAtoms: Bool
    }

    /// The scale that one kind of map is shown on.
    public struct Scale: Codable, Equatable, Sendable {
        /// As of `MapKind`.
        let kind: String
        let choice: String?
        /// dB.
        let floor: Float?
    }

    public static let version = 1
    /// Prompts that are kept, and scalars of each.
    static let mostPrompts = 100, longestPrompt = 2000

    var version = ViewSnapshot.version
    /// What K, columns and the chosen atom belong to.
    var checkpoint: Checkpoint?
    /// The pane with the focus, and the panes that had it on the other screens.
    var focus: String
    var otherFocus: [String]
    /// Path of the selected image.
    var image: String?
    var task: String
    /// Nil for all atoms.
    var k: Int?
    var atomOrder: String
    var atomOrderIsReversed: Bool
    var atomFilter: String
    /// The chosen atom of the Atoms screen, such as `vision/17`.
    var atom: String?
    /// Empty for the usual ones.
    var columns: [Column]
    /// Oldest first.
    var prompts: [String]
    /// Written and not yet sent.
    var prompt: String
    /// Lines of the palette, oldest first. This and what follows is nil in files of before there was such a thing.
    var paletteLines: [String]?
    /// Folders and files opened by `:images`; empty for those the program was started with.
    var imageSources: [String]?
    var usesMouse: Bool?
    var scales: [Scale]?
}

/// A view that is put back part by part, as what it speaks of is loaded.
struct RestoringView: Equatable, Sendable {
    let view: ViewSnapshot
    /// False where K was chosen otherwise.
    let restoresK: Bool
    var image = true
    var model = true
    var atom = true

    var isDone: Bool { !image && !model && !atom }
}

extension ViewSnapshot {
    /// - Parameter previous: of the same run; spares finding the chosen atom while the Atoms screen is not in view.
    public init(_ state: WorkbenchState, previous: ViewSnapshot? = nil) {
        let waiting = state.restoring, old = waiting?.view
        focus = state.focus.rawValue
        otherFocus = state.lastFocus.filter { $0.key != state.screen }.sorted { $0.key.rawValue < $1.key.rawValue }.map(
            \.value.rawValue)
        image = waiting?.image == true ? old?.image : state.selectedImage?.path
        task = state.task.rawValue
        if waiting?.model == true, let old {
            (checkpoint, k, columns) = (old.checkpoint, old.k, old.columns)
        } else {
            checkpoint = state.facts.map(Checkpoint.init)
            k = state.k
            columns = state.compareScreen.columns.map(Column.init)
        }
        atomOrder = state.atomsScreen.order.rawValue
        atomOrderIsReversed = state.atomsScreen.isReversed
        atomFilter = Self.cut(state.atomsScreen.filter)
        if waiting?.atom == true {
            atom = old?.atom
        } else if let previous, state.screen != .atoms, previous.checkpoint == checkpoint {
            atom = previous.atom
        } else {
            atom = state.chosenRecord.map { "\($0.address)" }
        }
        prompts = state.promptHistory.suffix(Self.mostPrompts).map(Self.cut)
        prompt = Self.cut(state.prompt.text)
        paletteLines = state.paletteHistory.suffix(Self.mostPrompts).map(Self.cut)
        // Until the list is there, what is to be listed is what was.
        imageSources = waiting?.image == true ? old?.imageSources : state.imageSources
        usesMouse = state.usesMouse
        scales = state.scales.kinds.map {
            Scale(kind: $0.name, choice: state.scales.choices[$0]?.rawValue, floor: state.scales.floors[$0])
        }
    }

    private static func cut(_ text: String) -> String {
        // Counting bytes is quick, and there are never fewer of them.
        text.utf8.count <= longestPrompt ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestPrompt)))
    }
}

extension ViewSnapshot.Checkpoint {
    init(_ facts: CheckpointFacts) { self.init(name: facts.name, preset: facts.preset, visionAtoms: facts.visionAtoms) }
}

extension ViewSnapshot.Column {
    init(_ column: CompareColumn) {
        self.init(
            folder: column.folder, name: column.name, k: column.k, visionAtoms: column.visionAtoms, hasAtoms: column.hasAtoms)
    }
}

extension WorkbenchState {
    /// Begins to put a view back; the rest follows as checkpoint, images and atoms come in.
    ///
    /// - Parameters:
    ///   - restoresK: false where K was named on the command line.
    ///   - restoresImages: likewise; folders that were opened are then listed in place of those the program starts with.
    public mutating func restore(_ view: ViewSnapshot, restoresK: Bool, restoresImages: Bool = true) {
        /// What came from a file shows nothing but text.
        func clean(_ text: String) -> String { PromptLine(text).text }
        for pane in view.otherFocus.compactMap(Pane.init) { lastFocus[pane.screen] = pane }
        if let pane = Pane(rawValue: view.focus) { focus = pane }
        task = AskTask(rawValue: view.task) ?? task
        promptHistory = view.prompts.suffix(ViewSnapshot.mostPrompts).map(clean).filter { !$0.isEmpty }
        prompt.set(view.prompt)
        paletteHistory = (view.paletteLines ?? []).suffix(ViewSnapshot.mostPrompts).map(clean).filter { !$0.isEmpty }
        atomsScreen.order = AtomColumn(rawValue: view.atomOrder) ?? atomsScreen.order
        atomsScreen.isReversed = view.atomOrderIsReversed
        atomsScreen.filter = clean(view.atomFilter)
        let sources = restoresImages ? view.imageSources ?? [] : []
        imagesOpening = sources.isEmpty ? nil : sources
        usesMouse = view.usesMouse ?? usesMouse
        for scale in view.scales ?? [] {
            guard let kind = MapKind(name: scale.kind) else { continue }
            scales.choices[kind] = scale.choice.flatMap(ScaleChoice.init)
            scales.floors[kind] = scale.floor.flatMap { HeatmapScales.floors.contains($0) ? $0 : nil }
        }
        restoring = RestoringView(view: view, restoresK: restoresK)
    }

    /// What the program does first.
    var beginning: [Effect] {
        [.loadCheckpoint, imagesOpening.map { .openImages($0, known: []) } ?? .listImages]
    }

    /// Puts back what can be by now, once.
    mutating func restoreWhatFits() -> [Effect] {
        guard var waiting = restoring else { return [] }
        let view = waiting.view
        var effects: [Effect] = []
        if waiting.image, !isListing {
            waiting.image = false
            if let row = images.firstIndex(where: { $0.path == view.image }) { effects = selectImage(row) }
        }
        // A checkpoint that cannot be loaded takes nothing away from the view.
        if waiting.model, let facts {
            waiting.model = false
            if view.checkpoint == ViewSnapshot.Checkpoint(facts) {
                if waiting.restoresK { k = view.k.flatMap { (1..<facts.visionAtoms).contains($0) ? $0 : nil } }
                compareScreen.columns = columns(of: view, facts)
            } else {
                waiting.atom = false
            }
        }
        if waiting.atom, facts != nil, atomsScreen.listing != .none, atomsScreen.listing != .underWay {
            waiting.atom = false
            let listed = listedAtoms
            if let row = listed.firstIndex(where: { "\($0.address)" == view.atom }) {
                atomsScreen.list.select(row, count: listed.count)
            }
        }
        restoring = waiting.isDone ? nil : waiting
        return effects
    }

    /// Empty, which means the usual ones, where too few are left to compare.
    private func columns(of view: ViewSnapshot, _ facts: CheckpointFacts) -> [CompareColumn] {
        var columns: [CompareColumn] = []
        for old in view.columns.prefix(CompareScreenState.mostColumns) where (1...max(1, old.visionAtoms)).contains(old.k) {
            let isLoaded = old.folder == nil
            if isLoaded, old.visionAtoms != facts.visionAtoms || old.hasAtoms != facts.hasAtoms { continue }
            let column = CompareColumn(
                folder: old.folder, name: isLoaded ? facts.name : PromptLine(old.name).text, k: old.k,
                visionAtoms: old.visionAtoms, hasAtoms: old.hasAtoms)
            if !columns.contains(column) { columns.append(column) }
        }
        return columns.count < 2 ? [] : columns
    }
}
