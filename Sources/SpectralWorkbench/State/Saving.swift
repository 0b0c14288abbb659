// Saving what a pane shows.

import Foundation
import SpectralFormats
import SpectralScreen

/// What is to be written, and where.
public struct SaveRequest: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        /// A map with its cursor.
        case map(Heatmap, row: Int, column: Int)
        /// The state whose screen is to be drawn.
        case screen(CellGrid)
        case session(Session)
    }

    public let path: String
    public let content: Content
    /// What the numbers belong to.
    public let facts: [ExportFact]
}

extension WorkbenchState {
    /// The map with the focus and its cursor; nil where the focus is on none.
    var focusedPane: (map: NamedMap, cursor: MapCursor)? {
        switch focus {
        case .spectrum: shownSpectrum.flatMap { map in shownSpectrumCursor.map { (map, $0) } }
        case .alignment: shownAlignment.flatMap { map in shownAlignmentCursor.map { (map, $0) } }
        case .field, .pixels, .coherence: atomMap(focus).flatMap { map in atomMapCursor(focus).map { (map, $0) } }
        case .maps: shownComparisonMap
        default: nil
        }
    }

    /// `spectrum-of-vision-17.svg`, for a session `tour.md`, or `ask.svg` for the whole screen.
    var suggestedFileName: String {
        if screen == .sessions, let session = sessionsScreen.session {
            return (session.path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? "session") + ".md"
        }
        let name = focusedPane?.map.name ?? screen.title
        let words = name.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        return words.joined(separator: "-") + ".svg"
    }

    mutating func pressWhileSaving(_ key: Key, _ line: PromptLine) -> [Effect] {
        var line = line
        switch key {
        case .escape:
            overlay = nil
            return []
        case .enter:
            overlay = nil
            return save(to: line.text.trimmingCharacters(in: .whitespaces))
        default:
            _ = line.handle(key)
            overlay = .saving(line)
            return []
        }
    }

    private mutating func save(to path: String) -> [Effect] {
        guard !path.isEmpty else { return refuse("nothing was saved: there is no file name") }
        if screen == .sessions, let session = sessionsScreen.session, SessionExport(fileName: path) != nil {
            return [.save(SaveRequest(path: path, content: .session(session), facts: []))]
        }
        guard let format = PaneExport(fileName: path) else {
            let more = screen == .sessions ? ".md, " : ""
            return refuse("nothing was saved: a name ends in \(more).svg, .png, .csv or .json")
        }
        var facts: [ExportFact] = []
        if let checkpoint = self.facts { facts.append(ExportFact("checkpoint", checkpoint.name)) }
        if screen == .ask, let turn = shownTurn {
            facts.append(ExportFact("image", turn.request.imagePath.split(separator: "/").last.map(String.init) ?? ""))
            facts.append(ExportFact(turn.request.task.rawValue, turn.request.prompt))
            if let answer = turn.answer { facts.append(ExportFact("answer", answer)) }
            facts.append(ExportFact("k", "\(turn.k ?? checkpointK)"))
        }
        if screen == .compare { facts += comparisonFacts }
        if let pane = focusedPane {
            facts.insert(ExportFact("pane", pane.map.name), at: 0)
            return [.save(SaveRequest(path: path, content: .map(pane.map.map, row: pane.cursor.row, column: pane.cursor.column), facts: facts))]
        }
        guard format == .svg || format == .png else {
            return refuse("nothing was saved: \(format.rawValue) is for a map's numbers; put the focus on a map, or save as .svg")
        }
        // The line that asked for the name is gone by now, and its notice has not come yet.
        return [.save(SaveRequest(path: path, content: .screen(ScreenView.draw(self, look: Look()).grid), facts: facts))]
    }

    private var checkpointK: Int { facts?.visionAtoms ?? 0 }
}

extension SaveRequest {
    /// Writes the file; returns one line on what came of it.
    func carriedOut() -> String {
        let shown = MessageText.printable(path, limit: 120)
        guard !FileManager.default.fileExists(atPath: path) else {
            return "nothing was saved: \(shown) is there already; choose another name"
        }
        do {
            let pane = PaneExport(fileName: path)
            let data: Data? = switch content {
            case .map(let map, let row, let column): try pane?.data(of: map, cursor: (row, column), facts: facts)
            case .screen(let grid): try pane?.data(of: grid, title: "sdict")
            case .session(let session): try SessionExport(fileName: path).map { Data(try $0.text(of: session).utf8) }
            }
            guard let data else { return "cannot save \(shown): the name's end does not fit what is saved" }
            try AtomicFile.write(path: path, data)
            return "saved \(shown), \(data.count) bytes"
        } catch is ImageError { return "cannot save \(shown): the picture is too large; save as .svg" } catch {
            return "cannot save \(shown): check the folder and its permissions"
        }
    }
}
