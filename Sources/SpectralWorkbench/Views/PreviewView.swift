import SpectralScreen

/// The selected image with what belongs on it: how its patches align with a word, the chosen patch, and the box that
/// grounding found.
enum PreviewView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let image = state.selectedImage, overlay = state.shownOverlay
        var title = "Preview"
        if case .ready(let facts)? = image?.status {
            title = overlay == nil ? "\(facts.width) x \(facts.height) pixels" : overlayTitle(state, columns: size.columns - 4)
        }
        let inside = PaneFrame(title: title, isFocused: false).draw(on: &grid, look: look)
        switch image?.status {
        case .ready(let facts)?:
            let area = overlay.map { grid.draw(facts.preview, overlay: $0, in: inside, look: look) }
                ?? grid.draw(facts.preview, in: inside, look: look)
            if let patch = state.chosenPatch, let map = state.shownTurn?.measurement.patchWords {
                let cells = facts.preview.cells(
                    ofRow: patch.row, column: patch.column, rows: map.gridHeight, columns: map.gridWidth, drawnIn: area)
                mark(cells, on: &grid)
            }
            if let box = state.shownTurn?.box {
                // The preview may be smaller than the image that the box is about.
                let scale = Double(facts.preview.width) / Double(max(1, facts.width))
                let scaleDown = Double(facts.preview.height) / Double(max(1, facts.height))
                let cells = facts.preview.cells(
                    forBoxAtX: box.x * scale, y: box.y * scaleDown, width: box.width * scale,
                    height: box.height * scaleDown, drawnIn: area)
                outline(cells, on: &grid, look: look)
            }
            grid.putUnderneath(underline(state, overlay))
        case .broken(let line)?: grid.drawNote(line, in: inside.inset(rows: 0, columns: 1), style: .bad)
        case .unread?: grid.drawNote("reading", in: inside.inset(rows: 0, columns: 1))
        case nil: break
        }
        return grid
    }

    private static func overlayTitle(_ state: WorkbenchState, columns: Int) -> String {
        let name = state.shownTurn?.name(ofWord: state.chosenWord) ?? ""
        let long = "alignment with \(name)"
        return TextWidth.of(long) <= columns ? long : "with \(name)"
    }

    /// What the lower edge says, from the longest form to the shortest.
    private static func underline(_ state: WorkbenchState, _ overlay: ImageOverlay?) -> [String] {
        func figure(_ value: Float) -> String { Figure.fixed(Double(value), overlay?.decimals ?? 2) }
        var parts: [[String]] = []
        if let patch = state.chosenPatch {
            let place = "\(patch.row),\(patch.column)"
            if let overlay, patch.row < overlay.rows, patch.column < overlay.columns {
                let value = overlay.values[patch.row * overlay.columns + patch.column].map(figure) ?? "weak"
                parts.append(["patch \(place): \(value)", "\(place): \(value)"])
            } else {
                parts.append(["patch \(place)", place])
            }
        }
        if let overlay, let peak = overlay.peak {
            parts.append(["max \(figure(overlay.high)), patch \(peak.row),\(peak.column)", "max at \(peak.row),\(peak.column)"])
            if overlay.maskedCount > 0 { parts.append(["\(overlay.maskedCount) weak, left out"]) }
        } else if overlay != nil {
            parts.append(["all weak"])
        }
        if overlay != nil { parts.append(["not attention"]) }
        var forms: [String] = []
        for count in stride(from: parts.count, to: 0, by: -1) {
            let kept = parts.prefix(count)
            forms += [kept.map { $0[0] }.joined(separator: "; "), kept.map { $0[$0.count - 1] }.joined(separator: "; ")]
        }
        return forms
    }

    /// Brackets at the ends of a patch; a patch too narrow for them is marked in whole.
    private static func mark(_ cells: Rect, on grid: inout CellGrid) {
        let style = Style(.terminal, on: .role(.highlight), .bold)
        guard cells.columns >= 3 else {
            grid.restyle(cells) { _ in style }
            return
        }
        for row in cells.row..<cells.endRow {
            grid.put("[", row: row, column: cells.column, style: style)
            grid.put("]", row: row, column: cells.endColumn - 1, style: style)
        }
    }

    /// Draws the edge of the box over the picture; a box of one row or column is marked cell by cell.
    private static func outline(_ rect: Rect, on grid: inout CellGrid, look: Look) {
        guard !rect.isEmpty else { return }
        let style = Style(.terminal, on: .role(.highlight), .bold)
        guard rect.rows >= 2, rect.columns >= 2 else {
            grid.fill(rect, with: "+", style: style)
            return
        }
        grid.box(rect, look: look, style: style)
    }
}
