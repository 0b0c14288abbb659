// The help screen: where it stands, and the search in it.

import SpectralScreen

public struct HelpState: Equatable, Sendable {
    public var firstLine = 0
    /// What is being searched for, while it is written.
    public var line: PromptLine?
    public var pattern: SearchPattern
    /// The line that was found last.
    var hit: Int?
    /// What came of the search.
    public var note = ""

    public init(pattern: String = "") { self.pattern = SearchPattern(pattern) }

    /// At the next line that holds the pattern, or the one before; round the end if it must.
    func found(_ step: Int, _ size: ScreenSize) -> HelpState {
        var help = self
        guard !pattern.text.isEmpty else {
            help.note = "/ searches"
            return help
        }
        let texts = HelpView.texts(size), hits = texts.indices.filter { pattern.fits(texts[$0]) }
        let now = hit ?? (step > 0 ? firstLine - 1 : firstLine)
        guard let first = hits.first, let last = hits.last else {
            (help.hit, help.note) = (nil, "nothing here holds \(pattern.text)")
            return help
        }
        let next = step > 0 ? hits.first { $0 > now } : hits.last { $0 < now }
        let line = next ?? (step > 0 ? first : last)
        help.hit = line
        help.note = "match \((hits.firstIndex(of: line) ?? 0) + 1) of \(hits.count) for \(pattern.text)"
            + (next == nil && hits.count > 1 ? (step > 0 ? ", from the top again" : ", from the end again") : "")
        let rows = HelpView.rows(size)
        if line < firstLine || line >= firstLine + rows {
            help.firstLine = min(max(0, line - rows / 3), HelpView.lastFirstLine(size))
        }
        return help
    }
}

extension WorkbenchState {
    mutating func pressInHelp(_ key: Key, _ now: HelpState) -> [Effect] {
        var help = now
        if let line = help.line { return pressInHelpSearch(key, line, help) }
        let rows = HelpView.rows(size)
        switch key {
        case .escape, .enter, .character("q"), .character("?"), .function(1):
            overlay = nil
            return []
        case .character(":"):
            return openPalette()
        case .character("/"): help.line = PromptLine()
        case .character("n"): help = help.found(1, size)
        case .character("N"): help = help.found(-1, size)
        case .down, .character("j"): help.firstLine += 1
        case .up, .character("k"): help.firstLine -= 1
        case .pageDown, .character(" "): help.firstLine += max(1, rows - 2)
        case .pageUp: help.firstLine -= max(1, rows - 2)
        case .home, .character("g"): help.firstLine = 0
        case .end, .character("G"): help.firstLine = HelpView.lastFirstLine(size)
        case .control("l"): return [.redraw]
        default: break
        }
        // Scrolled by hand, the search goes on from what is in view.
        if let hit = help.hit, hit < help.firstLine || hit >= help.firstLine + rows { help.hit = nil }
        help.firstLine = min(max(0, help.firstLine), HelpView.lastFirstLine(size))
        overlay = .help(help)
        return []
    }

    private mutating func pressInHelpSearch(_ key: Key, _ now: PromptLine, _ state: HelpState) -> [Effect] {
        var help = state, line = now
        switch key {
        case .escape: help.line = nil
        case .enter:
            help.line = nil
            if !line.isEmpty { (help.pattern, help.hit) = (SearchPattern(line.text), nil) }
            help = help.found(1, size)
        default:
            _ = line.handle(key)
            help.line = line
        }
        overlay = .help(help)
        return []
    }
}
