// Saving what a pane shows or holds: what can be saved under which name, and what the file says it belongs to.

import Foundation
import SpectralScreen

/// What is to be written, and where.
public struct SaveRequest: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        /// A map on the scale it is shown on, with its cursor.
        case map(Heatmap, row: Int, column: Int)
        /// A pane or the screen as drawn.
        case screen(CellGrid)
        case figures(ExportFigures)
        case session(Session)
    }

    public var path: String
    public let content: Content
    /// What the numbers belong to.
    public var facts: [ExportFact]
    /// Whether the facts are about the loaded checkpoint, whose hash is not among them yet.
    public var wantsHash = false
    /// How pictures are drawn.
    public var look = Look()
}

/// What the line for a file's name is about.
public struct SavingState: Equatable, Sendable {
    public var isWholeScreen = false
    /// How the screen was drawn last.
    public var look = Look()
}

extension WorkbenchState {
    /// The map with the focus, on the scale it is shown on, and its cursor; nil where the focus is on none.
    var focusedPane: (map: NamedMap, cursor: MapCursor)? {
        // On its scale already, which all columns share.
        if focus == .maps { return shownComparisonMap }
        let found: (map: NamedMap, cursor: MapCursor)? =
            switch focus {
            case .spectrum: shownSpectrum.flatMap { map in shownSpectrumCursor.map { (map, $0) } }
            case .alignment: shownAlignment.flatMap { map in shownAlignmentCursor.map { (map, $0) } }
            case .field, .pixels, .coherence: atomMap(focus).flatMap { map in atomMapCursor(focus).map { (map, $0) } }
            default: nil
            }
        return found.map { (NamedMap(name: $0.map.name, map: scaled($0.map.map, in: focus)), $0.cursor) }
    }

    // MARK: The name

    /// How what `e` or `E` is about can be saved, the usual way first.
    var saveFormats: [PaneExport] {
        if saving.isWholeScreen { return [.svg, .png, .txt] }
        if screen == .sessions, sessionsScreen.session != nil { return [.md, .csv, .json, .svg, .png, .txt] }
        if focusedPane != nil { return [.svg, .png, .csv, .json, .txt] }
        return focusedFigures == nil ? [.svg, .png, .txt] : [.csv, .json, .md, .svg, .png, .txt]
    }

    /// `spectrum-of-vision-17.svg`, `atoms-that-mattered.csv`, for a session `tour.md`, or `ask.svg` for the whole screen.
    var suggestedFileName: String {
        let ending = ".\(saveFormats[0].rawValue)"
        if saving.isWholeScreen { return screen.title.lowercased() + ending }
        if screen == .sessions, let session = sessionsScreen.session {
            return (session.path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? "session") + ending
        }
        // What stands after a comma is about units and marks.
        let title = focusedFigures?.title.split(separator: ",").first.map(String.init)
        let name = focusedPane?.map.name ?? title ?? focus.rawValue
        let words = name.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        return words.joined(separator: "-") + ending
    }

    var saveLabel: String {
        let what = saving.isWholeScreen ? "screen" : "pane"
        return size.columns >= 90 ? " save the \(what) as (Tab: another ending): " : " save as: "
    }

    mutating func askForFileName(wholeScreen: Bool) {
        saving.isWholeScreen = wholeScreen
        overlay = .saving(PromptLine(suggestedFileName))
    }

    mutating func pressWhileSaving(_ key: Key, _ line: PromptLine) -> [Effect] {
        var line = line
        switch key {
        case .escape:
            overlay = nil
            return []
        case .enter:
            overlay = nil
            return save(to: line.text, wholeScreen: saving.isWholeScreen)
        case .tab:
            overlay = .saving(PromptLine(withNextEnding(line.text)))
            return []
        default:
            _ = line.handle(key)
            overlay = .saving(line)
            return []
        }
    }

    /// The same name with the next ending of those that fit; with the usual one where it has none of them.
    private func withNextEnding(_ name: String) -> String {
        let formats = saveFormats
        guard let dot = name.lastIndex(of: "."), let now = PaneExport(fileName: name), let place = formats.firstIndex(of: now)
        else { return "\(name).\(formats[0].rawValue)" }
        return "\(name[..<dot]).\(formats[(place + 1) % formats.count].rawValue)"
    }

    // MARK: The file

    /// Saves the pane with the focus, or the whole screen, in the format that the name's ending says.
    mutating func save(to path: String, wholeScreen: Bool = false) -> [Effect] {
        let path = path.trimmingCharacters(in: .whitespaces)
        guard !path.isEmpty else { return refuse("nothing was saved: there is no file name") }
        saving.isWholeScreen = wholeScreen
        let look = Look(glyphs: saving.look.glyphs, colors: .full, theme: saving.look.theme)
        func write(_ content: SaveRequest.Content, _ facts: [ExportFact] = [], wantsHash: Bool = false) -> [Effect] {
            [.save(SaveRequest(path: path, content: content, facts: facts, wantsHash: wantsHash, look: look))]
        }
        if !wholeScreen, screen == .sessions, let session = sessionsScreen.session, SessionExport(fileName: path) != nil {
            return write(.session(session))
        }
        let formats = saveFormats
        guard let format = PaneExport(fileName: path), formats.contains(format) else {
            let endings = formats.map { ".\($0.rawValue)" }
            return refuse(
                "nothing was saved: a name ends in \(endings.dropLast().joined(separator: ", ")) or \(endings.last ?? "") here")
        }
        if format != .txt, !wholeScreen, let pane = focusedPane {
            let (facts, wantsHash) = paneFacts, named = [ExportFact("pane", pane.map.name)] + facts
            if [.svg, .png].contains(format), let line = AtomMapView.linePicture(pane.map.map, pane.cursor, self, look: look) {
                return write(.screen(line), named, wantsHash: wantsHash)
            }
            return write(.map(pane.map.map, row: pane.cursor.row, column: pane.cursor.column), named, wantsHash: wantsHash)
        }
        if [.csv, .json, .md].contains(format), let figures = focusedFigures {
            let (facts, wantsHash) = paneFacts
            return write(.figures(figures), facts, wantsHash: wantsHash)
        }
        // The line that asked for the name is gone by now, and its notice has not come yet.
        guard !wholeScreen, let place = layout.place(of: focus) else {
            return write(.screen(ScreenView.draw(self, look: look).grid))
        }
        let (facts, wantsHash) = paneFacts
        return write(
            .screen(ScreenView.draw(focus, self, size: ScreenSize(rows: place.rows, columns: place.columns), look: look)),
            facts, wantsHash: wantsHash)
    }

    /// What the figures of the pane belong to, and whether the loaded checkpoint's hash is still to be added.
    private var paneFacts: (facts: [ExportFact], wantsHash: Bool) {
        var facts: [ExportFact] = []
        func add(_ name: String, _ value: String?) { if let value { facts.append(ExportFact(name, value)) } }
        // A caption takes no words.
        func add(_ task: AskTask, _ prompt: String) {
            if prompt.isEmpty { add("task", task.rawValue) } else { add(task.rawValue, prompt) }
        }
        if screen == .compare {
            guard let subject = compareSubject else { return ([], false) }
            let columns = compareScreen.columns
            if focus == .maps, columns.indices.contains(compareScreen.chosen) {
                let column = columns[compareScreen.chosen]
                add("checkpoint", column.name)
                add("checkpoint hash", compared(column)?.column.hash)
                add("k", column.hasAtoms ? "\(column.k)" : nil)
            }
            add("image", selectedImage?.name)
            add(subject.question.task, subject.question.prompt)
            return (facts, false)
        }
        add("checkpoint", self.facts?.name)
        switch focus {
        // Of the checkpoint alone, or of all images.
        case .images, .field, .pixels, .coherence: break
        case .conversation: add("image", selectedImage?.name)
        case .usage:
            add("k", atomsScreen.usage.usage.map { "\($0.k)" })
            add("n", "\(atomsScreen.usage.n)")
        default:
            guard let turn = shownTurn else { break }
            add("image", turn.request.imagePath.split(separator: "/").last.map(String.init))
            add(turn.request.task, turn.request.prompt)
            add("answer", turn.answer)
            add("k", (turn.k ?? self.facts?.visionAtoms).map { "\($0)" })
        }
        if focus == .table {
            if !atomsScreen.filter.isEmpty { add("filter", atomsScreen.filter) }
            if atomsScreen.order != .atom || atomsScreen.isReversed {
                add("order", atomsScreen.order.rawValue + (atomsScreen.isReversed ? ", turned round" : ""))
            }
        }
        if screen == .lens {
            for edit in lensScreen.edits { add("edit", edit.description) }
            if let found = lensScreen.findings, found.job.controls > 0 {
                add("controls", "\(found.controls.count) of \(found.job.controls), seeds from \(LensJob.seed)")
            }
        }
        return (facts, self.facts != nil)
    }
}
