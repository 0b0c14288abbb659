import SpectralLens
import SpectralModel
import SpectralScreen

/// A map of the chosen atom: its wave on the patches or words, or the pixels it responds to.
enum AtomMapView {
    static func draw(_ pane: Pane, _ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let map = state.atomMap(pane)
        let title = map?.name ?? (pane == .field ? "Field" : "Pixels")
        let inside = PaneFrame(title: title, isFocused: state.focus == pane).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        guard let map, let cursor = state.atomMapCursor(pane) else {
            let (text, style) = explanation(pane, state)
            grid.drawNote(text, in: inside, style: style)
            return grid
        }
        grid.draw(state.scaled(map.map, in: pane), in: inside, cursor: (cursor.row, cursor.column), look: look)
        return grid
    }

    private static func explanation(_ pane: Pane, _ state: WorkbenchState) -> (String, Style) {
        if let problem = state.atomsScreen.problem { return (problem, .bad) }
        if pane == .pixels, let record = state.chosenRecord, record.stack != .vision {
            return ("Only vision atoms see pixels: \(record.address) works on what the vision stack has made of them.", .muted)
        }
        return (pane == .field ? "The chosen atom's wave, its spectrum and its phase." : "The pixels the chosen atom responds to most.", .muted)
    }
}

extension AtomMaps {
    init(_ request: AtomMapsRequest, detail: AtomDetail, patchSize: Int) {
        let name = "\(AtomAddress(detail.stack, layer: detail.layer, atom: detail.atom))"
        func named(_ what: String, _ matrix: LensMatrix?, _ title: String, _ merge: Heatmap.Merge = .strongest) -> NamedMap? {
            matrix.map { NamedMap(name: "\(what) of \(name)", map: Heatmap($0, title: title, merge: merge)) }
        }
        let plane = [
            named("Spectrum", detail.fieldSpectrum, "|field|; v down, u across; cycles per patch", .maximum),
            named("Wave", detail.field, "the wave on the patches"),
            named("Phase", detail.phase, "phase on the patches"),
        ]
        let line = [
            named("Spectrum", detail.lineSpectrum, "|line|, 0 to 0.5 cycles per token; periods", .maximum),
            named("Wave", detail.line, "the wave along the text"),
        ]
        self.init(
            request: request, field: (plane + line).compactMap { $0 },
            pixels: [
                named(
                    "Pixel spectrum", detail.footprintSpectrum,
                    "|footprint|; cycles per pixel; patch raster at multiples of 1/\(patchSize)", .maximum),
                detail.footprint.map { NamedMap(name: "Pixels of \(name)", map: Heatmap($0)) },
            ].compactMap { $0 })
    }
}

extension Heatmap {
    /// The footprint's luminance.
    init(_ footprint: PixelFootprint) {
        let weights: [Float] = [0.299, 0.587, 0.114]
        var luminance = [Float](repeating: 0, count: footprint.width * footprint.height)
        for (i, value) in footprint.values.enumerated() { luminance[i / 3] += weights[i % 3] * value }
        self.init(
            title: "luminance of the image that moves it most (sign arbitrary)", rows: footprint.height,
            columns: footprint.width, values: luminance, scale: Heatmap.linearScale(of: luminance), merge: .strongest)
    }
}
