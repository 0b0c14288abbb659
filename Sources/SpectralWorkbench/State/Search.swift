// Searching what a pane shows: rows of lists, lines of text.

import SpectralScreen

/// Words to look for: in any case unless there is a capital among them.
public struct SearchPattern: Equatable, Sendable {
    public let text: String
    private let isExact: Bool

    public init(_ text: String) {
        self.text = text
        isExact = text.contains(where: \.isUppercase)
    }

    public func fits(_ other: String) -> Bool {
        !text.isEmpty && (isExact ? other : other.lowercased()).contains(text)
    }

    func fits(_ a: Character, _ b: Character) -> Bool { a == b || (!isExact && a.lowercased() == b.lowercased()) }
}

public struct SearchState: Equatable, Sendable {
    public var pattern = SearchPattern("")
    /// The pane searched last; matches are marked while it has the focus. Nil once Esc was pressed.
    public var pane: Pane?
    /// Of a pane of text: the line that was found last.
    var line: Int?
}

extension WorkbenchState {
    /// What is marked in the pane with the focus; nil for nothing.
    var markedPattern: SearchPattern? { search.pane == focus && !search.pattern.text.isEmpty ? search.pattern : nil }

    mutating func pressInSearch(_ key: Key, _ line: PromptLine) -> [Effect] {
        var line = line
        switch key {
        case .escape: overlay = nil
        case .enter:
            overlay = nil
            // An empty line searches for the same again.
            if !line.isEmpty { search = SearchState(pattern: SearchPattern(line.text)) }
            return findMatch(1)
        default:
            _ = line.handle(key)
            overlay = .searching(line)
        }
        return []
    }

    /// Goes to the next match in the pane with the focus, or to the one before; round the end if it must.
    mutating func findMatch(_ step: Int) -> [Effect] {
        guard focus.screen != .atoms else { return stepOnAtoms(step) }
        guard !search.pattern.text.isEmpty else { return refuse("nothing was searched for yet: / searches") }
        guard let texts = searchedTexts(focus) else { return refuse("a map holds no words to search; Tab goes on to a list") }
        let hits = texts.indices.filter { search.pattern.fits(texts[$0]) }
        if search.pane != focus { search.line = nil }
        search.pane = focus
        let now = searchPlace(step)
        guard let first = hits.first, let last = hits.last else {
            return refuse("nothing here holds \(search.pattern.text)")
        }
        let next = step > 0 ? hits.first { $0 > now } : hits.last { $0 < now }
        let hit = next ?? (step > 0 ? first : last)
        let effects = show(hit, of: texts.count)
        notice = "match \((hits.firstIndex(of: hit) ?? 0) + 1) of \(hits.count) for \(search.pattern.text)"
            + (next == nil && hits.count > 1 ? (step > 0 ? ", from the top again" : ", from the end again") : "")
        return effects
    }

    /// What can be found in a pane: its rows or lines, in order; nil for maps.
    func searchedTexts(_ pane: Pane) -> [String]? {
        let columns = (layout.place(of: pane)?.columns ?? 4) - 4
        return switch pane {
        case .images: images.map(\.name)
        case .conversation:
            conversation.map { "\($0.request.prompt) \($0.answer ?? "") \($0.candidates.map(\.text).joined(separator: " "))" }
        case .atoms: shownAtoms.map { "\($0.address) \($0.flags)" }
        case .rank: rankedAtoms.map { "\($0.address) \($0.flags)" }
        case .figures: CompareFiguresView.texts(self)
        case .matches: compareScreen.matches.map(Self.text)
        case .edits: lensScreen.edits.map(\.description)
        case .result: LensResultView.lines(self, columns: columns, look: Look()).map(Self.text)
        case .controls: LensControlsView.lines(self, columns: columns, rows: layout.listRows(of: pane), look: Look()).map(Self.text)
        case .entries:
            sessionsScreen.session.map { session in
                sessionsScreen.entries.map { SessionEntriesView.listRow($0, session, sessionsScreen).text }
            } ?? sessionsScreen.choices?.map { "\($0.name) \($0.title)" } ?? []
        case .entry: SessionEntryView.lines(self, columns: columns).map(\.text)
        case .prompt, .spectrum, .alignment, .table, .field, .pixels, .usage, .coherence, .maps: nil
        }
    }

    private static func text(_ line: StyledLine) -> String { line.map(\.text).joined() }

    private static func text(_ match: MatchRow) -> String {
        ([match.first] + match.partners.map { $0?.atom }).compactMap { $0 }.map { "\(match.stack.rawValue)/\($0)" }
            .joined(separator: " ")
    }

    /// The row or line that the next match comes after, and the last one before.
    private func searchPlace(_ step: Int) -> Int {
        switch focus {
        case .images: return imageList.selected
        case .conversation: return conversation.firstIndex { $0.id == shownTurn?.id } ?? 0
        case .atoms: return atomList.selected
        case .rank: return lensScreen.rank.selected
        case .matches: return compareScreen.matchList.selected
        case .edits: return lensScreen.list.selected
        case .entries: return sessionsScreen.list.selected
        default: break
        }
        let first = textScroll
        // The line found last counts while it is in view; the first line in view is not passed over.
        if let line = search.line, line >= first, line < first + textRows { return line }
        return step > 0 ? first - 1 : first
    }

    private var textScroll: Int {
        switch focus {
        case .figures: compareScreen.scroll
        case .entry: sessionsScreen.firstLine
        default: lensScreen.scroll[focus] ?? 0
        }
    }

    private var textRows: Int { focus == .figures ? CompareFiguresView.bodyRows(self) : layout.listRows(of: focus) }

    /// The row of the pane with the focus, from its frame on, where the line stands that was found last; nil where rows
    /// are chosen or it is out of view.
    var foundRow: Int? {
        guard markedPattern != nil, let line = search.line, (textScroll..<textScroll + textRows).contains(line) else { return nil }
        return 1 + line - textScroll + (focus == .figures ? CompareFiguresView.headLines : 0)
    }

    private mutating func show(_ hit: Int, of count: Int) -> [Effect] {
        switch focus {
        case .images: return selectImage(hit)
        case .conversation: return show(conversation[hit])
        case .atoms: choose(atom: hit)
        case .rank:
            lensScreen.rank.select(hit, count: count)
            lensScreen.rankChoice = rankedAtoms[hit].address
        case .matches: compareScreen.matchList.select(hit, count: count)
        case .edits: lensScreen.list.select(hit, count: count)
        case .entries:
            sessionsScreen.list.select(hit, count: count)
            sessionsScreen.firstLine = 0
        default: scroll(to: hit, of: count)
        }
        return []
    }

    private mutating func scroll(to line: Int, of count: Int) {
        search.line = line
        let rows = textRows, first = textScroll
        guard line < first || line >= first + rows else { return }
        let next = max(0, line - rows / 3)
        switch focus {
        case .figures: compareScreen.scroll = min(next, CompareFiguresView.scrollLimit(self))
        case .entry: sessionsScreen.firstLine = min(next, max(0, count - rows))
        default: lensScreen.scroll[focus] = min(next, max(0, count - rows))
        }
    }

    /// The table has a filter in place of a search: next and previous are its rows.
    private mutating func stepOnAtoms(_ step: Int) -> [Effect] {
        let count = listedAtoms.count, row = atomsScreen.list.selected + step
        guard count > 0 else { return refuse("no atom is listed; Esc takes the filter away") }
        focus = .table
        atomsScreen.list.select((row + count) % count, count: count)
        let wrapped = row >= count ? ", from the top again" : row < 0 ? ", from the end again" : ""
        notice = "atom \((row + count) % count + 1) of \(count)\(wrapped)"
        return []
    }
}
