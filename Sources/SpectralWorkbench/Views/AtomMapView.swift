import SpectralFormats
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
        let shown = state.scaled(map.map, in: pane)
        if LineSpectrumView.fits(shown) {
            drawLine(shown, cursor, state, in: inside, on: &grid, look: look)
            return grid
        }
        let geometry = grid.draw(shown, in: inside, cursor: (cursor.row, cursor.column), look: look)
        if pane == .field, let margin = state.shownMaps?.rasterMargin, margin > 0, case .decibel = map.map.scale {
            markRaster(map.map, geometry, margin: margin, on: &grid)
        }
        return grid
    }

    private static func drawLine(
        _ map: Heatmap, _ cursor: MapCursor, _ state: WorkbenchState, in rect: Rect, on grid: inout CellGrid, look: Look
    ) {
        LineSpectrumView.draw(
            map, in: rect, cursor: cursor.column, atom: state.chosenRecord.flatMap(\.frequency.last),
            raster: state.shownMaps?.rasterLine ?? 0, on: &grid, look: look)
    }

    /// A line spectrum for a file: as on the screen, with a bar for every bin. Nil for what is a heatmap.
    static func linePicture(_ map: Heatmap, _ cursor: MapCursor, _ state: WorkbenchState, look: Look) -> CellGrid? {
        guard LineSpectrumView.fits(map) else { return nil }
        var grid = CellGrid(rows: 24, columns: LineSpectrumView.columns(for: map))
        drawLine(map, cursor, state, in: Rect(rows: grid.rows, columns: grid.columns), on: &grid, look: look)
        return grid
    }

    /// Stars on both axes where the frequency is within `margin` of Nyquist: between the row labels and the map, and in the
    /// line of the column labels where that is free.
    private static func markRaster(_ map: Heatmap, _ geometry: HeatmapGeometry, margin: Float, on grid: inout CellGrid) {
        func isRaster(_ bin: Int, of count: Int) -> Bool {
            abs(Float(bin - count / 2) / Float(count)) >= 0.5 - margin - 1e-5
        }
        for row in 0..<map.rows where geometry.labelColumns > 0 && isRaster(row, of: map.rows) {
            grid.put("*", row: geometry.cell(row: row, column: 0).row, column: geometry.map.column - 1, style: .warning)
        }
        guard !geometry.columnLabels.isEmpty else { return }
        for column in 0..<map.columns where isRaster(column, of: map.columns) {
            let cell = geometry.cell(row: 0, column: column)
            if !cell.isEmpty, grid.cell(row: geometry.columnLabels.row, column: cell.column).character == " " {
                grid.put("*", row: geometry.columnLabels.row, column: cell.column, style: .warning)
            }
        }
    }

    private static func explanation(_ pane: Pane, _ state: WorkbenchState) -> (String, Style) {
        if let problem = state.atomsScreen.problem { return (problem, .bad) }
        if pane == .pixels, let record = state.chosenRecord, record.stack == .text {
            return ("Only vision atoms see pixels: \(record.address) is a line, drawn in the field pane.", .muted)
        }
        return (
            pane == .field ? "The chosen atom's wave, its spectrum and its phase." : "The pixels the chosen atom responds to most.",
            .muted
        )
    }
}

extension AtomMaps {
    /// A fusion atom's part along the text stands in the place of pixels, which it does not see.
    init(_ request: AtomMapsRequest, detail: AtomDetail, config: ModelConfig) {
        let name = "\(AtomAddress(detail.stack, layer: detail.layer, atom: detail.atom))"
        func named(_ what: String, _ matrix: LensMatrix?, _ title: String, _ merge: Heatmap.Merge = .strongest) -> NamedMap? {
            matrix.map { NamedMap(name: "\(what) of \(name)", map: Heatmap($0, title: title, merge: merge)) }
        }
        let plane = [
            named("Spectrum", detail.fieldSpectrum, "|field|, v over u in cycles per patch; * raster", .maximum),
            named("Wave", detail.field, "the wave on the patches"),
            named("Phase", detail.phase, "phase on the patches"),
        ]
        let line = [
            named("Spectrum", detail.lineSpectrum, "|line|, 0 to 0.5 cycles per token; periods", .maximum),
            named("Wave", detail.line, "the wave along the text"),
        ]
        self.init(
            request: request, field: (detail.stack == .text ? line : plane).compactMap { $0 },
            pixels: detail.stack == .fusion
                ? line.compactMap { $0 }
                : [
                    named(
                        "Pixel spectrum", detail.footprintSpectrum,
                        "|footprint|; cycles per pixel; patch raster at multiples of 1/\(config.patchSize)", .maximum),
                    detail.footprint.map { NamedMap(name: "Pixels of \(name)", map: Heatmap($0)) },
                ].compactMap { $0 },
            rasterMargin: AtomThresholds().rasterBins / Float(config.gridSize), rasterLine: 1 / Float(config.gridSize))
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
