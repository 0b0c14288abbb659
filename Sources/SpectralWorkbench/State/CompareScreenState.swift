// The Compare screen: columns of K and checkpoints, what each made of one image, and how their atoms pair.

import SpectralLens
import SpectralModel
import SpectralScreen

/// A column as it is chosen: a checkpoint at one K.
public struct CompareColumn: Hashable, Sendable {
    /// Folder of another checkpoint; nil for the loaded one.
    public let folder: String?
    /// What to call the checkpoint.
    public var name: String
    /// Vision atoms in use, 1 to `visionAtoms`.
    public var k: Int
    /// Vision atoms that the checkpoint has.
    public let visionAtoms: Int
    /// False for the attention twin, to which K means nothing.
    public let hasAtoms: Bool

    public init(folder: String?, name: String, k: Int, visionAtoms: Int, hasAtoms: Bool) {
        self.folder = folder
        self.name = name
        self.k = k
        self.visionAtoms = visionAtoms
        self.hasAtoms = hasAtoms
    }

    var label: String { hasAtoms ? "\(name) K \(k)" : name }

    /// The loaded checkpoint at K, K/2 and K/4.
    static func usual(_ facts: CheckpointFacts) -> [CompareColumn] {
        let all = facts.visionAtoms
        var ks: [Int] = []
        for k in facts.hasAtoms ? [all, all / 2, all / 4] : [all] where k >= 1 && !ks.contains(k) { ks.append(k) }
        return ks.map { CompareColumn(folder: nil, name: facts.name, k: $0, visionAtoms: all, hasAtoms: facts.hasAtoms) }
    }
}

/// What columns are asked besides a caption.
public struct CompareQuestion: Hashable, Sendable {
    public let task: AskTask
    /// Empty for a caption.
    public let prompt: String

    public static let caption = CompareQuestion(task: .caption, prompt: "")
}

/// What is compared: an image and a question about it.
public struct CompareSubject: Hashable, Sendable {
    public let imagePath: String
    public let question: CompareQuestion
}

/// Names one column's output about one subject.
public struct CompareKey: Hashable, Sendable {
    public let column: CompareColumn
    public let subject: CompareSubject
}

/// Columns to be asked, one after the other.
public struct CompareRequest: Equatable, Sendable {
    /// Counts up, so that the end of a request cannot be taken for another's.
    public let id: Int
    public let subject: CompareSubject
    public let columns: [CompareColumn]
}

/// What one column made of a subject.
public struct ComparedColumn: Equatable, Sendable {
    public let column: ComparisonColumn
    public let output: ColumnOutput
    /// Alignment of patches with the prompt's words, grid rows x columns, -1...1; nil for the attention twin.
    public let patches: LensMatrix?

    public init(column: ComparisonColumn, output: ColumnOutput, patches: LensMatrix?) {
        self.column = column
        self.output = output
        self.patches = patches
    }
}

/// Where to look for the next disagreement: all questions about every image of the first leg, then of the next.
public struct DisagreementOrder: Equatable, Sendable {
    public struct Leg: Equatable, Sendable {
        public let images: [String]
        public let questions: [CompareQuestion]
    }
    public let id: Int
    public let columns: [CompareColumn]
    public let legs: [Leg]
}

/// What the Compare screen wants done.
public enum CompareOrder: Equatable, Sendable {
    case ask(CompareRequest)
    /// Load another checkpoint: a folder or bundled name, with `:K` after it if not all of its atoms are wanted.
    case open(String)
    case search(DisagreementOrder)
    /// Stop all of these.
    case stop
}

/// What comes of it.
public enum CompareNews: Equatable, Sendable {
    case compared(CompareKey, ComparedColumn)
    case failed(CompareKey, String)
    /// Nothing more comes of this request.
    case ended(request: Int)
    case opened(String, CompareColumn)
    case notOpened(String, problem: String)
    /// A search turns to an image, so many after its first.
    case searched(search: Int, done: Int, isUnreadable: Bool)
    /// Nil when the columns agree everywhere.
    case found(search: Int, CompareSubject?)
    case searchFailed(search: Int, problem: String)
}

/// An atom of the first column beside its partners in the others, or an atom that only another column has.
public struct MatchRow: Equatable, Sendable {
    public struct Partner: Equatable, Sendable {
        public let atom: Int
        /// Distance of the frequencies in bins of the first column's grid.
        public let bins: Float
        /// Whether it is minus its frequency that lies near.
        public let isConjugate: Bool
    }
    public let stack: AtomStack
    /// Nil for an atom that only another column has.
    public let first: Int?
    /// Cycles per token step, of the first column's atom or else of the other's.
    public let frequency: [Float]
    /// One for each of the other columns; nil where none is near.
    public let partners: [Partner?]

    public var isUnmatched: Bool { first == nil || partners.contains { $0 == nil } }
}

/// The state of the Compare screen.
public struct CompareScreenState: Equatable, Sendable {
    public struct Search: Equatable, Sendable {
        public let id: Int
        /// Looks to take, an image looked at again for other questions counting twice; the images; questions about each.
        public let total: Int
        public let images: Int
        public let questions: Int
        public var done = 0
        public var unreadable = 0
    }

    public static let mostColumns = 4
    /// Said when Esc has stopped the columns or a search.
    public static let stoppedNotice = "stopped; Enter asks again"
    /// Outputs that are kept, those of former subjects too.
    static let keptResults = 48

    public var columns: [CompareColumn] = []
    public var chosen = 0
    /// The name of a new column while it is being written.
    public var line: PromptLine?
    /// The checkpoint that is being opened.
    public var opening: String?
    /// One line on what went wrong with the last new column or search.
    public var problem: String?
    public var showsDifference = false
    /// Shared by all maps; at the first map's peak until it is moved.
    public var cursor: MapCursor?
    /// Lines of the table scrolled away.
    public var scroll = 0
    public var search: Search?
    public private(set) var results: [CompareKey: ComparedColumn] = [:]
    private var order: [CompareKey] = []
    public internal(set) var failures: [CompareKey: String] = [:]
    var underWay: CompareRequest?
    /// What was stopped, and is not asked again until something changes.
    var stopped: CompareRequest?
    var lastID = 0
    /// A disagreement that was found, not yet gone to.
    var arrived: CompareSubject?
    /// What is compared in place of what the Ask screen shows, while that stays what it was.
    var picked: CompareSubject?
    var pickedOver: CompareSubject?
    public internal(set) var matches: [MatchRow] = []
    /// Of each of the other columns: how its atoms pair with the first's.
    var pairings: [CompareColumn: [AtomMatching]] = [:]
    /// The columns that `matches` is about.
    var matched: [CompareColumn] = []
    public var matchList = ListState()

    public var isBusy: Bool { underWay != nil || search != nil || opening != nil }

    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func keep(_ key: CompareKey, _ result: ComparedColumn) {
        if results[key] == nil { order.append(key) }
        results[key] = result
        failures[key] = nil
        if order.count > Self.keptResults { results[order.removeFirst()] = nil }
    }

    mutating func forget(_ subject: CompareSubject) {
        order.removeAll { $0.subject == subject }
        results = results.filter { $0.key.subject != subject }
        failures = failures.filter { $0.key.subject != subject }
    }

    /// What is known of a column, whatever it was asked.
    private func known(_ column: CompareColumn) -> ComparisonColumn? {
        order.last { $0.column == column }.flatMap { results[$0]?.column }
    }

    /// Pairs the atoms of all columns that are known with those of the first.
    mutating func pair() {
        let found = columns.compactMap { column in known(column).map { (column, $0) } }
        guard found.map(\.0) != matched else { return }
        matched = found.map(\.0)
        (matches, pairings) = ([], [:])
        guard found.first?.0 == columns.first, let first = found.first?.1 else { return }
        let others = found.dropFirst().map { (column: $0.0, known: $0.1, matching: $0.1.matching(with: first)) }
        for other in others { pairings[other.column] = other.matching }
        for stack in first.atoms where !others.isEmpty {
            let matchings = others.map { other in other.matching.first { $0.stack == stack.stack } }
            for (atom, frequency) in zip(stack.atoms, stack.frequencies) {
                let partners = matchings.map { matching in
                    matching?.pairs.first { $0.first == atom }.map {
                        MatchRow.Partner(atom: $0.other, bins: $0.bins, isConjugate: $0.isConjugate)
                    }
                }
                matches.append(MatchRow(stack: stack.stack, first: atom, frequency: frequency, partners: partners))
            }
            for (place, other) in others.enumerated() {
                guard let own = other.known.atoms.first(where: { $0.stack == stack.stack }) else { continue }
                for atom in matchings[place]?.onlyOther ?? [] {
                    guard let row = own.atoms.firstIndex(of: atom) else { continue }
                    var partners = [MatchRow.Partner?](repeating: nil, count: others.count)
                    partners[place] = MatchRow.Partner(atom: atom, bins: 0, isConjugate: false)
                    matches.append(
                        MatchRow(stack: stack.stack, first: nil, frequency: own.frequencies[row], partners: partners))
                }
            }
        }
    }
}

// MARK: What follows from it

extension WorkbenchState {
    /// What the Ask screen shows: its image with the question of the turn in view, else the image's caption.
    private var shownSubject: CompareSubject? {
        guard let path = selectedImage?.path else { return nil }
        let question = shownTurn.map { CompareQuestion(task: $0.request.task, prompt: $0.request.prompt) }
        return CompareSubject(imagePath: path, question: question ?? .caption)
    }

    /// What is compared; nil without an image.
    public var compareSubject: CompareSubject? {
        guard let shown = shownSubject else { return nil }
        return shown == compareScreen.pickedOver ? compareScreen.picked ?? shown : shown
    }

    /// Compares a subject although the Ask screen shows another, until that shows something else.
    mutating func pick(_ subject: CompareSubject) {
        (compareScreen.picked, compareScreen.pickedOver) = (subject, shownSubject)
    }

    func compareKey(_ column: CompareColumn) -> CompareKey? {
        compareSubject.map { CompareKey(column: column, subject: $0) }
    }

    func compared(_ column: CompareColumn) -> ComparedColumn? { compareKey(column).flatMap { compareScreen.results[$0] } }

    func comparisonFailure(_ column: CompareColumn) -> String? {
        compareKey(column).flatMap { compareScreen.failures[$0] }
    }

    /// How a column's output agrees with the first's; nil for the first and while either is unknown.
    func agreement(_ column: CompareColumn) -> ColumnAgreement? {
        guard let first = compareScreen.columns.first, first != column, let a = compared(first), let b = compared(column)
        else { return nil }
        return ColumnAgreement(a.output, b.output)
    }

    /// Nested where the checkpoint is the first column's, by its content once that is known.
    func kind(of column: CompareColumn) -> ComparisonColumn.Kind {
        guard let first = compareScreen.columns.first else { return .nested }
        if let a = compared(first), let b = compared(column) { return b.column.kind(beside: a.column) }
        return column.folder == first.folder ? .nested : .trained
    }

    /// `K 17` where all columns are of one checkpoint, else its name too.
    func shortLabel(_ column: CompareColumn) -> String {
        let isOne = compareScreen.columns.allSatisfy { $0.name == column.name }
        return column.hasAtoms && isOne ? "K \(column.k)" : column.label
    }

    /// The chosen column's map as it is shown, to be saved.
    var shownComparisonMap: (map: NamedMap, cursor: MapCursor)? {
        let own = compareScreen
        guard let map = CompareMapsView.heatmap(at: own.chosen, self), let cursor = comparisonMapCursor else { return nil }
        let isDifference = own.showsDifference && own.chosen > 0
        let label = own.columns[own.chosen].label + (isDifference ? " less \(own.columns[0].label)" : "")
        return (NamedMap(name: "Alignment of \(label)", map: map), cursor.within(map))
    }

    var comparisonMapCursor: MapCursor? {
        if let cursor = compareScreen.cursor { return cursor }
        let first = compareScreen.columns.lazy.compactMap { self.compared($0)?.patches }.first
        return first.map { MapCursor(row: $0.peak.row, column: $0.peak.column) }
    }
}

extension MapCursor {
    /// The same place on a map that may be smaller.
    func within(_ map: Heatmap) -> MapCursor {
        MapCursor(row: min(row, max(0, map.rows - 1)), column: min(column, max(0, map.columns - 1)))
    }
}
