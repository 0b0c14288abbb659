import TestSupport
import Testing

@testable import SpectralScreen

@Suite struct HeatmapTests {
    private let ascii = Look(glyphs: .ascii, colors: .mono)

    private func drawn(
        _ map: Heatmap, rows: Int, columns: Int, cursor: (row: Int, column: Int)? = nil, look: Look? = nil
    ) -> (grid: CellGrid, geometry: HeatmapGeometry) {
        var grid = CellGrid(rows: rows, columns: columns)
        let geometry = grid.draw(map, in: grid.bounds, cursor: cursor, look: look ?? ascii)
        return (grid, geometry)
    }

    private func ramp(rows: Int, columns: Int) -> Heatmap {
        Heatmap(
            title: "Ramp", unit: "a.u.", rows: rows, columns: columns,
            values: (0..<rows * columns).map { Float($0) },
            scale: .linear(minimum: 0, maximum: Float(rows * columns - 1)))
    }

    @Test func goldenLinear() {
        let (grid, _) = drawn(ramp(rows: 3, columns: 10), rows: 6, columns: 24, cursor: (1, 4))
        #expect(
            grid.text == """
                Ramp [a.u.]
                      ......::::::--
                ----======++++++****
                **######%%%%%%@@@@@@
                0  .:-=+*#%@ 29 linear
                row 1 col 4: 14.0 a.u.
                """)
        #expect(grid.cell(row: 2, column: 8).style.attributes.contains(.reverse))
        #expect(grid.cell(row: 2, column: 9).style.attributes.contains(.reverse))
        #expect(!grid.cell(row: 2, column: 10).style.attributes.contains(.reverse))
    }

    @Test func goldenDecibels() {
        // 1, 1/10, 1/80 and 1/1000 of the reference are 0, -20, -38.06 and -60 dB; the floor is -50.
        let map = Heatmap(
            title: "Spectrum", rows: 1, columns: 5, values: [4, 0.4, 0.05, 0.004, .nan], scale: .decibel(floor: -50, reference: 4))
        let (grid, _) = drawn(map, rows: 5, columns: 60, cursor: (0, 1))
        #expect(
            grid.text == """
                Spectrum
                @@**::  ??
                min -50  .:-=+*#%@ max 0 dB  floor -50 dB, 0 dB = 4
                row 0 col 1: 0.4 = -20.00 dB
                1 of 5 clipped; 1 not finite (?)
                """)
    }

    @Test func goldenPhase() {
        let quarter = Float.pi / 2
        let map = Heatmap(
            title: "Phase", rows: 1, columns: 6, values: [0, quarter, 2 * quarter, -quarter, 100 * quarter, 1],
            scale: .phase(magnitudeFloor: 0.1), magnitudes: [1, 1, 1, 1, 1, 0.05])
        let (grid, _) = drawn(map, rows: 5, columns: 64, cursor: (0, 2))
        #expect(
            grid.text == """
                Phase
                >>^^<<vv>>
                >0 / ^90 \\ <180 , v270 . deg  blank: magnitude < 0.100
                row 0 col 2: 3.1415925 rad = 180.0 deg, magnitude 1.0
                1 of 6 masked
                """)
    }

    /// A linear map with a floor leaves weak values blank, and merging never lets one of them speak for a cell.
    @Test func linearMapsMaskWeakValues() {
        var map = Heatmap(
            title: "Agreement", rows: 1, columns: 4, values: [-1, 1, 0.2, 0.4], scale: .linear(minimum: -1, maximum: 1),
            magnitudes: [1, 0.01, 1, 0.5], merge: .strongest)
        map.magnitudeFloor = 0.1
        #expect(map.isMasked(row: 0, column: 1))
        #expect(map.counts.masked == 1)
        #expect(map.merged(rows: 0..<1, columns: 1..<4).value == 0.4)
        #expect(map.shade(value: 1, magnitude: 0.01) == .masked)
        let alone = map.merged(rows: 0..<1, columns: 1..<2)
        #expect(map.shade(value: alone.value, magnitude: alone.magnitude) == .masked)
        let (grid, _) = drawn(map, rows: 5, columns: 60, cursor: (0, 1))
        #expect(
            grid.text == """
                Agreement
                    **##
                min -1  .:-=+*#%@ max 1 linear  blank: magnitude < 0.100
                row 0 col 1: 1.0, masked: magnitude 0.01
                1 of 4 masked
                """)
    }

    /// What the eye takes from a cell, the colour of most of its area, is the value's own colour.
    @Test func theLargestValueHasTheLastColour() {
        let look = Look(glyphs: .blocks, colors: .full)
        for fraction: Float in [0, 0.25, 0.5, 0.75, 1] {
            let (glyph, style) = ramp(rows: 1, columns: 2).appearance(of: .fraction(fraction), look)
            let shown = "▓█".contains(glyph) ? style.foreground : style.background
            #expect(shown == ColorRamp.sequential(fraction, look).map { .indexed($0) }, "\(fraction)")
        }
    }

    @Test func mergingIsDoneAsItIsNamed() {
        var values = [Float](repeating: 0, count: 16)
        values[5] = 9
        values[10] = -12
        var map = Heatmap(title: "M", rows: 4, columns: 4, values: values, scale: .linear(minimum: -12, maximum: 9))
        let expected: [(Heatmap.Merge, [Float], String)] = [
            (.maximum, [9, 0, 0, 0], "cell = max of 2x2 bins"), (.mean, [2.25, 0, 0, -3], "cell = mean of 2x2 bins"),
            (.strongest, [9, 0, 0, -12], "cell = strongest of 2x2 bins"),
        ]
        for (merge, blocks, note) in expected {
            map.merge = merge
            var found: [Float] = []
            for row in [0, 2] {
                for column in [0, 2] {
                    found.append(map.merged(rows: row..<(row + 2), columns: column..<(column + 2)).value)
                }
            }
            #expect(found == blocks)
            let (grid, geometry) = drawn(map, rows: 6, columns: 3)
            #expect(geometry.blockRows == 2 && geometry.blockColumns == 2)
            #expect(geometry.map.rows == 2 && geometry.map.columns == 2)
            #expect(drawn(map, rows: 6, columns: 3).grid == grid)
            #expect(map.note(geometry, clipped: 0, masked: 0, notFinite: 0) == note)
        }
    }

    @Test func phasesAreMergedByStrength() {
        let map = Heatmap(
            title: "", rows: 1, columns: 2, values: [3, 1], scale: .phase(magnitudeFloor: 0), magnitudes: [0.5, 2], merge: .mean)
        #expect(map.merged(rows: 0..<1, columns: 0..<2).value == 1)
        #expect(map.effectiveMerge == .strongest)
    }

    @Test func scalesAreTakenFromFiniteValues() {
        #expect(Heatmap.linearScale(of: [3, .nan, 1, -.infinity]) == .linear(minimum: 1, maximum: 3))
        #expect(Heatmap.linearScale(of: [.nan]) == .linear(minimum: 0, maximum: 1))
        #expect(Heatmap.decibelScale(of: [0, 0], floor: -20) == .decibel(floor: -20, reference: 1))
    }

    /// Clauses go whole, so that no word is cut while there is another way.
    @Test func titlesGiveWayByClauses() {
        let title = "|field| in dB; v down, u across; cycles per patch"
        #expect(TextWidth.clauses(title, to: 80, ellipsis: "~") == title)
        #expect(TextWidth.clauses(title, to: 40, ellipsis: "~") == "|field| in dB; v down, u across")
        #expect(TextWidth.clauses(title, to: 20, ellipsis: "~") == "|field| in dB")
        #expect(TextWidth.clauses(title, to: 9, ellipsis: "~") == "|field| ~")
        var map = ramp(rows: 2, columns: 10)
        (map.title, map.unit) = ("words; and how", "cosine")
        #expect(drawn(map, rows: 5, columns: 20).grid.lineText(0) == "words [cosine]")
    }

    @Test func labelsKeepTheirDistance() {
        var map = ramp(rows: 2, columns: 6)
        map.rowLabels = ["what", "color"]
        map.columnLabels = ["v/1", "v/2", "v/3", "v/14", "v/15", "v/16"]
        let (grid, geometry) = drawn(map, rows: 7, columns: 18, cursor: (1, 3))
        #expect(geometry.cell(row: 1, column: 3) == Rect(row: 3, column: 12, rows: 1, columns: 2))
        #expect(
            grid.text == """
                Ramp [a.u.]
                      v/1   v/14
                what      ..::--==
                color ++**##%%@@@@
                0  .:-+*#%@ 11 lin
                r1 c3: 9.0 a.u.

                """)
        // The label of the last column has no room over its own cells; at the cursor it moves left, and is set off.
        let atEnd = drawn(map, rows: 7, columns: 18, cursor: (0, 5)).grid
        #expect(atEnd.lineText(1) == "      v/1 v/3 v/16")
        #expect(
            atEnd.lineText(5) == """
                r0 c5: 5.0 a.u.
                """)
    }

    @Test func theLegendAndNoteOutliveEverythingElse() {
        let map = ramp(rows: 40, columns: 40)
        for rows in 1...8 {
            let (grid, geometry) = drawn(map, rows: rows, columns: 30)
            #expect(!geometry.legend.isEmpty)
            #expect(grid.lineText(geometry.legend.row).contains("1599"))
            if rows >= 3 { #expect(grid.lineText(geometry.note.row).hasPrefix("cell = max of")) }
            if rows == 2 { #expect(grid.lineText(geometry.legend.row).hasPrefix("! ")) }
        }
    }

    @Test func cursorAndMouseAgree() {
        for (rows, columns) in [(40, 100), (12, 30), (6, 9)] {
            let (_, geometry) = drawn(ramp(rows: 8, columns: 8), rows: rows, columns: columns)
            for row in 0..<8 {
                for column in 0..<8 {
                    let cell = geometry.cell(row: row, column: column)
                    guard !cell.isEmpty else { continue }
                    let back = geometry.value(atRow: cell.row, column: cell.column)
                    #expect(back?.row == row / geometry.blockRows * geometry.blockRows)
                    #expect(back?.column == column / geometry.blockColumns * geometry.blockColumns)
                }
            }
            #expect(geometry.value(atRow: geometry.map.row - 1, column: geometry.map.column) == nil)
        }
    }

    /// Without colour a larger value never gets less ink; with colour every shade keeps its glyph.
    @Test func shadesReadWithoutColor() {
        for glyphs in GlyphSet.allCases {
            var last = -1
            for step in 0...100 {
                let glyph = ColorRamp.glyph(Float(step) / 100, glyphs)
                let place = glyphs.ramp.firstIndex(of: glyph)!
                #expect(place >= last)
                last = place
            }
            #expect(last == glyphs.ramp.count - 1)
            let mono = drawn(ramp(rows: 4, columns: 4), rows: 8, columns: 40, look: Look(glyphs: glyphs, colors: .mono))
            let full = drawn(ramp(rows: 4, columns: 4), rows: 8, columns: 40, look: Look(glyphs: glyphs, colors: .full))
            #expect(mono.grid.text == full.grid.text)
        }
    }

    @Test func hostileMapsNeverLeaveTheirRectangle() {
        var random = Seeded(state: 3)
        let odd: [Float] = [.nan, .infinity, -.infinity, 0, -1, 1e38, 1e-38, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
        for _ in 0..<300 {
            let rows = Int.random(in: 0...12, using: &random)
            let columns = Int.random(in: 0...20, using: &random)
            let count = Int.random(in: 0...max(1, rows * columns + 2), using: &random)
            let values = (0..<count).map { _ in
                Bool.random(using: &random) ? odd.randomElement(using: &random)! : Float.random(in: -2...2, using: &random)
            }
            let scales: [Heatmap.Scale] = [
                .linear(minimum: odd.randomElement(using: &random)!, maximum: odd.randomElement(using: &random)!),
                .linear(minimum: -1, maximum: 1), .decibel(floor: odd.randomElement(using: &random)!, reference: 1),
                .decibel(floor: -40, reference: odd.randomElement(using: &random)!), .phase(magnitudeFloor: 0.3),
                .percentile(RankScale(of: values, isSigned: Bool.random(using: &random))),
            ]
            var map = Heatmap(
                title: randomText(&random), unit: randomText(&random, longest: 3), rows: rows, columns: columns, values: values,
                scale: scales.randomElement(using: &random)!, magnitudes: values)
            map.rowLabels = (0..<Int.random(in: 0...14, using: &random)).map { _ in randomText(&random, longest: 9) }
            map.columnLabels = (0..<Int.random(in: 0...22, using: &random)).map { _ in randomText(&random, longest: 4) }
            var grid = CellGrid(
                rows: Int.random(in: 0...20, using: &random), columns: Int.random(in: 0...50, using: &random))
            grid.fill(grid.bounds, with: "~")
            let rect = Rect(
                row: Int.random(in: -2...10, using: &random), column: Int.random(in: -2...20, using: &random),
                rows: Int.random(in: 0...12, using: &random), columns: Int.random(in: 0...40, using: &random))
            let look = Look(
                glyphs: GlyphSet.allCases.randomElement(using: &random)!, colors: ColorMode.allCases.randomElement(using: &random)!)
            let cursor = (row: Int.random(in: -1...13, using: &random), column: Int.random(in: -1...21, using: &random))
            grid.draw(map, in: rect, cursor: cursor, look: look)
            #expect(grid.flaws == [])
            for row in 0..<grid.rows {
                for column in 0..<grid.columns where !rect.contains(row: row, column: column) {
                    #expect(grid.cell(row: row, column: column).character == "~")
                }
            }
        }
    }
}
