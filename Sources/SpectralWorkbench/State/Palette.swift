// The palette: one line on which any command can be written, with what fits it listed above. The disk is never read
// here: paths come by an effect.

import SpectralLens
import SpectralModel
import SpectralScreen

/// A path of which the beginning is written.
public struct PathQuery: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case images, sessions, any }

    public let text: String
    public let kind: Kind
}

/// What can stand on the line next.
public struct PaletteChoice: Equatable, Sendable {
    /// What the whole line then is.
    public let line: String
    public let label: String
    public let help: String
    public let keys: String
}

public struct PaletteState: Equatable, Sendable {
    public internal(set) var line = PromptLine()
    /// What was written by hand; the line shows the choice while there is one.
    var typed = ""
    public internal(set) var choice: Int?
    /// Which of the history the line shows; nil for a new line.
    var historyPlace: Int?
    /// What the last look at the disk found, and what it was for.
    var paths: (query: PathQuery, found: [String])? {
        get { pathQuery.map { ($0, pathsFound) } }
        set { (pathQuery, pathsFound) = (newValue?.query, newValue?.found ?? []) }
    }
    private var pathQuery: PathQuery?
    private var pathsFound: [String] = []
    /// What is being looked for on the disk.
    var awaited: PathQuery?

    /// Takes the line as written by hand.
    mutating func write(_ line: PromptLine) {
        self.line = line
        (typed, choice, historyPlace, awaited) = (line.text, nil, nil, nil)
    }
}

extension WorkbenchState {
    static let mostPaletteHistory = 100

    mutating func openPalette() -> [Effect] {
        overlay = .palette(PaletteState())
        // Addresses are completed from what the checkpoint has.
        guard atomsScreen.listing == .none, facts?.hasAtoms == true else { return [] }
        atomsScreen.listing = .underWay
        return [.listAtoms]
    }

    mutating func pressInPalette(_ key: Key, _ palette: PaletteState) -> [Effect] {
        var palette = palette
        switch key {
        case .escape:
            overlay = nil
            return []
        case .enter:
            overlay = nil
            return runPalette(palette.line.text)
        case .tab:
            if let query = pathQuery(palette.typed), query != palette.paths?.query {
                palette.awaited = query
                overlay = .palette(palette)
                return [.completePath(query)]
            }
            choose(1, &palette)
        case .backtab: choose(-1, &palette)
        // With nothing written there is nothing that fits better than what was run before.
        case .up where palette.typed.isEmpty && palette.choice == nil: recall(-1, &palette)
        case .down where palette.historyPlace != nil: recall(1, &palette)
        case .down: choose(1, &palette)
        case .up: choose(-1, &palette)
        case .control("l"): return [.redraw]
        default:
            var line = palette.line
            if line.handle(key) { palette.write(line) }
        }
        overlay = .palette(palette)
        return []
    }

    private func choose(_ step: Int, _ palette: inout PaletteState) {
        let count = paletteChoices(palette).count
        guard count > 0 else { return }
        let next = palette.choice.map { ($0 + step + count) % count } ?? (step > 0 ? 0 : count - 1)
        (palette.choice, palette.historyPlace) = (next, nil)
        palette.line.set(paletteChoices(palette)[next].line)
    }

    private func recall(_ step: Int, _ palette: inout PaletteState) {
        guard !paletteHistory.isEmpty else { return }
        let place = (palette.historyPlace ?? paletteHistory.count) + step
        palette.historyPlace = place < paletteHistory.count ? max(0, place) : nil
        palette.line.set(palette.historyPlace.map { paletteHistory[$0] } ?? "")
    }

    /// The path that is being written, if it is one.
    func pathQuery(_ typed: String) -> PathQuery? {
        guard let (word, _) = Self.verb(of: typed), let kind = word.paths else { return nil }
        return PathQuery(text: PaletteWords.last(typed).word, kind: kind)
    }

    private static func verb(of line: String) -> (verb: PaletteVerb, rest: Substring)? {
        guard let space = line.firstIndex(of: " "),
            case .verb(let verb)? = PaletteEntry.named(String(line[..<space]))?.meaning
        else { return nil }
        return (verb, line[space...].drop { $0 == " " })
    }

    /// What the disk holds for a path that is being written.
    mutating func hear(_ query: PathQuery, _ found: [String]) {
        guard case .palette(var palette) = overlay, palette.awaited == query else { return }
        palette.awaited = nil
        palette.paths = (query, found)
        let start = PaletteWords.last(palette.typed).start
        // As far as all agree; with nothing to add, the first of them.
        let shared = found.dropFirst().reduce(found.first ?? "") { String(zip($0, $1).prefix { $0 == $1 }.map { $0.0 }) }
        if shared.count > query.text.count {
            palette.write(PromptLine("\(palette.typed[..<start])\(PaletteWords.escaped(shared))"))
            if found.count > 1, let again = pathQuery(palette.typed) { palette.paths = (again, found) }
        } else {
            choose(1, &palette)
        }
        overlay = .palette(palette)
    }
}

// MARK: What fits

extension WorkbenchState {
    /// What fits what was written, best first.
    func paletteChoices(_ palette: PaletteState) -> [PaletteChoice] {
        let typed = String(palette.typed.drop { $0 == " " })
        guard let (verb, rest) = Self.verb(of: typed) else {
            guard !typed.contains(" ") else { return [] }
            return atomChoices(typed, before: "") + FuzzyMatch.best(PaletteEntry.all, for: typed, by: \.name).map(choice)
        }
        let word = String(rest)
        func plain(_ texts: [String], _ help: String) -> [PaletteChoice] {
            texts.map { PaletteChoice(line: "\(verb.rawValue) \($0)", label: $0, help: help, keys: "") }
        }
        switch verb {
        case .image: return plain(FuzzyMatch.best(images.map(\.name), for: word, by: \.self), "")
        case .k:
            guard let all = facts?.visionAtoms else { return [] }
            let halves = sequence(first: all / 2) { $0 > 1 ? $0 / 2 : nil }.prefix { $0 > 0 }.map(String.init)
            return plain((["all"] + halves).filter { $0.hasPrefix(word) }, "vision atoms of \(all)")
        case .ask, .find: return plain(promptHistory.reversed().filter { $0.hasPrefix(word) && $0 != word }, "written before")
        case .mute, .solo, .scale, .shift:
            // Atoms stand after commas.
            let start = word.lastIndex { $0 == "," || $0 == " " }.map { word.index(after: $0) } ?? word.startIndex
            return atomChoices(String(word[start...]), before: "\(verb.rawValue) \(word[..<start])")
        case .images, .save, .open:
            guard let paths = palette.paths, paths.query == pathQuery(palette.typed) else { return [] }
            let head = palette.typed[..<PaletteWords.last(palette.typed).start]
            return paths.found.map {
                PaletteChoice(
                    line: "\(head)\(PaletteWords.escaped($0))", label: $0, help: $0.hasSuffix("/") ? "folder" : "", keys: "")
            }
        case .help: return []
        }
    }

    private func choice(_ entry: PaletteEntry) -> PaletteChoice {
        var line = entry.name
        if case .verb = entry.meaning { line += " " }
        return PaletteChoice(line: line, label: entry.usage, help: entry.help, keys: entry.keys)
    }

    /// Atoms whose address begins so, once the stack is written.
    private func atomChoices(_ text: String, before head: String) -> [PaletteChoice] {
        guard text.contains("/") else { return [] }
        return atomsScreen.records.lazy.filter { "\($0.address)".hasPrefix(text.lowercased()) }.prefix(200).map { record in
            let period = record.period.map { "period \(Figure.fixed(Double($0), 2)) \(record.periodUnit)" } ?? "DC"
            let status = record.status.isEmpty ? "" : ", \(record.status)"
            return PaletteChoice(line: "\(head)\(record.address)", label: "\(record.address)", help: period + status, keys: "")
        }
    }
}
