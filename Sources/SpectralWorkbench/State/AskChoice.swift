// The word and the patch that are chosen on the Ask screen, and what follows from them: pure.
//
// Guarantees: there is one chosen word, whichever pane it was chosen in; a choice never outlives its turn; choosing a
// word reorders the atoms and leaves the same atom selected.

import SpectralLens
import SpectralModel
import SpectralScreen

/// What is chosen besides turn and atom.
public struct AskChoice: Equatable, Sendable {
    /// The turn it belongs to.
    var turn: Int?
    /// Index into `Turn.words`, which are the rows of the alignment; nil for the whole question.
    public internal(set) var word: Int?
    /// Where the cursor was moved to in the alignment of words: its column.
    var column: Int?
    /// Row and column in the grid of patches.
    public internal(set) var patch: MapCursor?
    /// Whether the preview shows the overlay; nil: while a word is chosen.
    var showsOverlay: Bool?

    mutating func forget() { (word, column, patch) = (nil, nil, nil) }
}

/// A word of question or answer as the model reads it.
public struct TurnWord: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// The token that says the task.
        case task
        case question
        /// Where answer and box are read, and from where a caption starts.
        case start
        /// A token of the caption, by its place in `Turn.tokens`.
        case caption(Int)
    }

    public let text: String
    public let kind: Kind
}

extension Turn {
    /// Words that can be chosen, in the order of the alignment's rows. A caption's are known as they come; a question's
    /// once its atoms are being measured. The last word of a caption that was cut has no row: nothing read it.
    public var words: [TurnWord] {
        switch request.task {
        case .caption:
            let fixed = [TurnWord(text: "<caption>", kind: .task), TurnWord(text: "<cls>", kind: .start)]
            return tokens.isEmpty
                ? []
                : fixed
                    + tokens.enumerated().map {
                        TurnWord(text: MeasuredAtoms.word($1.text), kind: .caption($0))
                    }
        case .ask, .ground:
            let last = measurement.words.count - 1
            return measurement.words.enumerated().map {
                TurnWord(text: $1, kind: $0 == 0 ? .task : $0 == last ? .start : .question)
            }
        }
    }

    /// How a word is called in titles; nil is the whole question.
    func name(ofWord word: Int?) -> String {
        let whole: (prompt: String, output: String?) =
            switch request.task {
            case .ask: ("the question", "the answer")
            case .caption: ("the prompt", nil)
            case .ground: ("the phrase", "the box")
            }
        let words = words
        guard let word, words.indices.contains(word) else { return whole.prompt }
        if words[word].kind == .start, let output = whole.output { return output }
        return "\"\(words[word].text)\""
    }
}

extension LensMatrix {
    /// Decimals that tell its values apart: sums over many atoms are small.
    var decimals: Int { values.allSatisfy { $0.magnitude < 0.1 } ? 3 : 2 }
}

extension Measurement {
    /// A word's alignment with the image in a fusion atom; nil for other stacks and unknown words.
    func agreement(of address: AtomAddress, word: Int) -> (cosine: Float, magnitude: Float, isMasked: Bool)? {
        guard address.stack == .fusion, let phase, phase.words.indices.contains(word),
            let column = phase.atoms.firstIndex(of: address.atom)
        else { return nil }
        let magnitude = phase.alignment.magnitudes[word * phase.alignment.columns + column]
        return (phase.alignment[word, column], magnitude, magnitude < AnswerTrace.alignmentFloor)
    }

    /// The atoms by effect, or for a word: the fusion atoms in which most of its agreement with the image lies (cosine
    /// times magnitude, largest first), then the others by effect.
    func atoms(for word: Int?) -> [AtomRow] {
        guard let word, let phase, phase.words.indices.contains(word) else { return atoms }
        let ranked = atoms.enumerated().map {
            (
                place: $0, row: $1,
                agreement: agreement(of: $1.address, word: word).map { ($0.cosine * $0.magnitude).magnitude } ?? -1
            )
        }
        return ranked.sorted { $0.agreement == $1.agreement ? $0.place < $1.place : $0.agreement > $1.agreement }.map(\.row)
    }
}

extension WorkbenchState {
    /// The chosen word, if the turn in view has it.
    public var chosenWord: Int? {
        choice.word.flatMap { word in shownTurn.flatMap { $0.words.indices.contains(word) ? word : nil } }
    }

    /// The same where it has a row in the alignment.
    var alignedWord: Int? { chosenWord.flatMap { shownTurn?.measurement.words.indices.contains($0) == true ? $0 : nil } }

    /// The chosen patch, if the turn in view has it.
    public var chosenPatch: MapCursor? {
        guard let patch = choice.patch, let grid = shownTurn?.measurement.patchWords,
            patch.row < grid.gridHeight, patch.column < grid.gridWidth
        else { return nil }
        return patch
    }

    /// The atoms of the turn in view, in the order they are listed.
    var shownAtoms: [AtomRow] { shownTurn?.measurement.atoms(for: alignedWord) ?? [] }

    /// Alignment of every patch with the chosen word or the whole question, over all fusion atoms; nil until known.
    var patchesOfWord: LensMatrix? {
        // A word that nothing read has no patches, and those of the question would be another's.
        guard chosenWord == nil || alignedWord != nil else { return nil }
        return shownTurn?.measurement.patchWords?.patches(word: alignedWord)
    }

    /// Alignment of every word with the chosen patch, words x 1.
    var wordsOfPatch: LensMatrix? {
        chosenPatch.flatMap { shownTurn?.measurement.patchWords?.words(row: $0.row, column: $0.column) }
    }

    /// What the preview lays over the image now.
    var shownOverlay: ImageOverlay? {
        guard choice.showsOverlay ?? (chosenWord != nil), let map = patchesOfWord else { return nil }
        let floor = map.maskFloor ?? 0
        return ImageOverlay(
            rows: map.rows, columns: map.columns, values: zip(map.values, map.magnitudes).map { $1 < floor ? nil : $0 })
    }

    /// The same as a map of patches, for atoms that have no such map of their own.
    var patchesOfAllAtoms: NamedMap? {
        guard let turn = shownTurn, let map = patchesOfWord, let layer = turn.measurement.patchWords?.layer else { return nil }
        return NamedMap(
            name: "Patches and \(turn.name(ofWord: alignedWord)), all fusion atoms",
            map: Heatmap(map, title: "phase alignment by patch, layer \(layer)"))
    }

    /// What is read of each patch after the chosen word of the output, or in all of it; nil for words of the prompt.
    var patchesRead: NamedMap? {
        guard let turn = shownTurn, let reading = turn.measurement.reading, chosenWord == nil || alignedWord != nil,
            let map = reading.patches(word: alignedWord)
        else { return nil }
        return NamedMap(
            name: alignedWord.map { "Read of the image after \(turn.name(ofWord: $0))" } ?? "Read of the image by the output",
            map: Heatmap(map, title: "|r| by patch, layer \(reading.layer)" + (reading.isSteered ? "" : "; words do not steer")))
    }

    /// Cursor of the alignment of words, nil until it was moved or a word was chosen.
    var alignmentCursor: MapCursor? {
        get { alignedWord.map { MapCursor(row: $0, column: choice.column ?? selectedColumn ?? 0) } }
        set {
            choice.column = newValue?.column
            chooseWord(newValue?.row)
        }
    }

    /// Cursor of the map of patches, nil until a patch was chosen.
    var patchCursor: MapCursor? {
        get { choice.patch }
        set { choice.patch = newValue }
    }

    /// Chooses a word, or with nil the whole question.
    mutating func chooseWord(_ word: Int?) {
        // What was not picked by hand and has no place in the order by word gives way to the first that has.
        let atom = selectedAtom.flatMap { atomIsChosen || $0.address.stack == .fusion ? $0.address : nil }
        choice.word = word
        follow(atom)
    }

    /// Keeps an atom selected while rows move; where it has gone, the first that has a place in the image.
    mutating func follow(_ atom: AtomAddress?) {
        let atoms = shownAtoms
        let row = atoms.firstIndex { $0.address == atom } ?? atoms.firstIndex { $0.address.stack != .text }
        atomList.select(row ?? 0, count: atoms.count)
    }

    /// Steps through the words of the turn in view; the first step goes to the first word of question or caption, or
    /// to the last of all.
    mutating func stepWord(_ step: Int) -> [Effect] {
        guard let turn = shownTurn else { return refuse("nothing has been asked about this image yet") }
        let words = turn.words
        guard !words.isEmpty else {
            return refuse(
                facts?.hasAtoms == false
                    ? "this checkpoint is the attention twin: the words of a question have nothing to show"
                    : turn.isUnderWay || turn.measurement.status == .running
                        ? "the words can be chosen once the atoms are being measured" : "there are no words to choose here")
        }
        let first = words.firstIndex { $0.kind != .task && !(turn.request.task == .caption && $0.kind == .start) } ?? 0
        let next = chosenWord.map { min(max(0, $0 + step), words.count - 1) } ?? (step > 0 ? first : words.count - 1)
        choice.column = nil
        conversationScroll = 0
        chooseWord(next)
        return []
    }

    /// Un-chooses what was chosen, the patch first where it is what one looks at; false if there was nothing.
    mutating func unchoose() -> Bool {
        let hasWord = chosenWord != nil, hasPatch = choice.patch != nil
        guard hasWord || hasPatch else { return false }
        if hasPatch, !hasWord || (focus == .alignment && alignmentMode.isOfPatches) {
            choice.patch = nil
        } else {
            choice.column = nil
            chooseWord(nil)
        }
        return true
    }

    mutating func toggleOverlay() -> [Effect] {
        if shownOverlay != nil {
            choice.showsOverlay = false
            return []
        }
        choice.showsOverlay = true
        guard shownOverlay == nil else { return [] }
        return refuse(
            facts?.hasAtoms == false
                ? "this checkpoint is the attention twin: it has no atoms to lay over the image"
                : chosenWord != nil && shownTurn?.measurement.patchWords != nil
                    ? "the caption was cut here: nothing read this word, so nothing aligns with it"
                    : "the overlay comes with the next answer whose atoms are measured")
    }

    /// A choice belongs to the turn it was made in.
    mutating func settleChoice() {
        guard choice.turn != shownTurn?.id else { return }
        choice.forget()
        choice.turn = shownTurn?.id
    }
}
