// Saving: what the state cannot know of a checkpoint is added, then the file is written.

import Foundation
import SpectralFormats
import SpectralScreen

extension Runner {
    func save(_ request: SaveRequest) async {
        var request = request
        request.path = PathCompletion.expanded(request.path)
        // Without a hash the file is still worth having.
        if request.wantsHash, let engine, let hash = try? await engine.contentHash() {
            let place = request.facts.firstIndex { $0.name == "checkpoint" }.map { $0 + 1 } ?? 0
            request.facts.insert(ExportFact("checkpoint hash", hash), at: place)
        }
        mailbox.post(.saved(request.carriedOut()))
    }
}

extension SaveRequest {
    /// Writes the file; returns one line on what came of it. A file that is there already is never written over.
    func carriedOut() -> String {
        let shown = MessageText.printable(path, limit: 120)
        guard !FileManager.default.fileExists(atPath: path) else {
            return "nothing was saved: \(shown) is there already; choose another name"
        }
        do {
            let pane = PaneExport(fileName: path)
            let data: Data? = switch content {
            case .map(let map, let row, let column): try pane?.data(of: map, cursor: (row, column), look: look, facts: facts)
            case .screen(let grid): try pane?.data(of: grid, look: look, title: "sdict", facts: facts)
            case .figures(let figures): pane?.data(of: figures, facts: facts)
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
