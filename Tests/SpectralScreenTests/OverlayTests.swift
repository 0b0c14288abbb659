import TestSupport
import Testing

@testable import SpectralScreen

/// Values laid over an image, worked out by hand.
@Suite struct OverlayTests {
    /// 8 x 8 white pixels.
    private let white = ImagePreview(width: 8, height: 8, pixels: [UInt8](repeating: 255, count: 192))
    private let overlay = ImageOverlay(rows: 2, columns: 2, values: [-0.5, nil, 0.5, 0])
    private let mono = Look(glyphs: .ascii, colors: .mono)

    @Test func theScaleRunsFromTheLeastToTheLargestValueShown() {
        #expect(overlay.low == -0.5 && overlay.high == 0.5 && overlay.maskedCount == 1)
        #expect(overlay.peak.map { [$0.row, $0.column] } == [1, 0])
        #expect(overlay.level(row: 0, column: 0) == 0 && overlay.level(row: 1, column: 0) == 1)
        #expect(overlay.level(row: 1, column: 1) == 0.5 && overlay.level(row: 0, column: 1) == nil)
        #expect(overlay.level(row: 2, column: 0) == nil && overlay.level(row: 0, column: -1) == nil)
        #expect(ImageOverlay(rows: 1, columns: 1, values: [3]).level(row: 0, column: 0) == 0.5, "nothing to compare with")
        let empty = ImageOverlay(rows: 1, columns: 2, values: [.nan])
        #expect(empty.peak == nil && empty.maskedCount == 2)
    }

    @Test func aPatchIsAsBrightAsItsValueIsHigh() {
        let lit = white.lit(by: overlay)
        func pixel(_ x: Int, _ y: Int) -> UInt8 { lit.pixels[(y * 8 + x) * 3] }
        // A quarter of 255 is 63.75; half way up it is 255 x 0.425 + 51 = 159.4; masked patches stay dark.
        #expect([pixel(0, 0), pixel(3, 3), pixel(4, 3), pixel(3, 4), pixel(4, 4), pixel(7, 7)] == [63, 63, 63, 255, 159, 159])
    }

    /// Whatever the picture, the light rises with the value and never runs over.
    @Test func lightRisesOnEveryPixel() {
        for pixel in UInt8.min...UInt8.max {
            let steps = (0...8).map { ImageOverlay.light(of: pixel, Float($0) / 8) }
            #expect(zip(steps, steps.dropFirst()).allSatisfy(<), "\(pixel): \(steps)")
        }
    }

    @Test func withoutColoursDigitsCountTenthsAndTheScaleIsBelow() {
        var grid = CellGrid(rows: 5, columns: 20)
        let area = grid.draw(white, overlay: overlay, in: Rect(rows: 5, columns: 20), look: mono)
        #expect(area == Rect(row: 0, column: 6, rows: 4, columns: 8))
        #expect(grid.text == """
                  @0@@@@@@
                  @@@@@@@@
                  @9@@@5@@
                  @@@@@@@@
            -0.50 012356789 0.50
            """)
    }

    @Test func patchesThatShareACellShowTheirLargest() {
        var grid = CellGrid(rows: 2, columns: 4)
        let fine = ImageOverlay(rows: 8, columns: 8, values: (0..<64).map { Float($0) })
        grid.draw(white, overlay: fine, in: Rect(rows: 2, columns: 4), look: mono)
        #expect(grid.lineText(0).contains("9"), "\(grid.text)")
    }

    @Test func everyPatchHasACellAndTheyTileTheImage() {
        for (rows, columns) in [(1, 1), (3, 5), (8, 8), (14, 14)] {
            let area = white.fitted(in: Rect(rows: 16, columns: 40))
            var count = [Int](repeating: 0, count: 16 * 40)
            for row in 0..<rows {
                for column in 0..<columns {
                    let cells = white.cells(ofRow: row, column: column, rows: rows, columns: columns, drawnIn: area)
                    #expect(!cells.isEmpty && cells.intersection(area) == cells)
                    for y in cells.row..<cells.endRow { for x in cells.column..<cells.endColumn { count[y * 40 + x] += 1 } }
                }
            }
            for y in area.row..<area.endRow { for x in area.column..<area.endColumn { #expect(count[y * 40 + x] >= 1) } }
        }
        let area = Rect(rows: 8, columns: 16)
        #expect(white.cells(ofRow: 2, column: 3, rows: 4, columns: 4, drawnIn: area) == Rect(row: 4, column: 12, rows: 2, columns: 4))
    }

    @Test func anySizeIsDrawnWhole() {
        var random = Seeded(state: 3)
        for _ in 0..<200 {
            var grid = CellGrid(rows: Int.random(in: 0...9, using: &random), columns: Int.random(in: 0...24, using: &random))
            let rect = Rect(
                row: Int.random(in: -2...5, using: &random), column: Int.random(in: -3...9, using: &random),
                rows: Int.random(in: 0...9, using: &random), columns: Int.random(in: 0...24, using: &random))
            let look = Look(glyphs: GlyphSet.allCases.randomElement(using: &random)!, colors: ColorMode.allCases.randomElement(using: &random)!)
            grid.draw(white, overlay: overlay, in: rect, look: look)
            #expect(grid.flaws == [])
        }
    }
}
