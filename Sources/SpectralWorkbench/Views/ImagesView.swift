import SpectralScreen

/// The list of images; what is wrong with a file stands beside its name.
enum ImagesView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let count = state.images.count
        let bad = state.images.count { if case .broken = $0.status { true } else { false } }
        let title = count == 0 ? "Images"
            : "Images \(state.imageList.selected + 1)/\(count)" + (bad > 0 ? ", \(bad) bad" : "")
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
