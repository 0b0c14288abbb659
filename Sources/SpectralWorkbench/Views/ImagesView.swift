import SpectralScreen

/// The list of images; what is wrong with a file stands beside its name.
enum ImagesView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let count = state.images.count
        let title = count == 0 ? "Images" : "Images \(state.imageList.selected + 1)/\(count)"
        let inside = PaneFrame(title: title, isFocused: state.focus == .images).draw(on: &grid, look: look)
        guard count > 0 else {
            let problem = state.imagesProblem
            let text = state.isListing ? "reading the folder" : problem ?? "no images here; :images PATH lists a folder"
            grid.drawNote(text, in: inside.inset(rows: 0, columns: 1), style: problem == nil ? .muted : .warning)
            return grid
        }
        grid.drawList(
            in: inside, state: state.imageList, count: count, isFocused: state.focus == .images, look: look
        ) { row in
            let entry = state.images[row]
            switch entry.status {
            case .unread: return ListRow(entry.name)
            case .ready(let facts):
                let asked = state.turns.count { $0.request.imagePath == entry.path }
                return ListRow(entry.name, detail: asked > 0 ? "\(asked) asked" : "\(facts.width)x\(facts.height)")
            case .broken: return ListRow(entry.name, detail: "bad", style: .bad)
            }
        }
        return grid
    }
}

/// The selected image, and the box that grounding found.
enum PreviewView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let image = state.selectedImage
        var title = "Preview"
        if case .ready(let facts)? = image?.status { title = "\(facts.width) x \(facts.height) pixels" }
        let inside = PaneFrame(title: title, isFocused: false).draw(on: &grid, look: look)
        switch image?.status {
        case .ready(let facts)?:
            let area = grid.draw(facts.preview, in: inside, look: look)
            if let box = state.shownTurn?.box {
                // The preview may be smaller than the image that the box is about.
                let scale = Double(facts.preview.width) / Double(max(1, facts.width))
                let scaleDown = Double(facts.preview.height) / Double(max(1, facts.height))
                let cells = facts.preview.cells(
                    forBoxAtX: box.x * scale, y: box.y * scaleDown, width: box.width * scale,
                    height: box.height * scaleDown, drawnIn: area)
                outline(cells, on: &grid, look: look)
            }
        case .broken(let line)?: grid.drawNote(line, in: inside.inset(rows: 0, columns: 1), style: .bad)
        case .unread?: grid.drawNote("reading", in: inside.inset(rows: 0, columns: 1))
        case nil: break
        }
        return grid
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
