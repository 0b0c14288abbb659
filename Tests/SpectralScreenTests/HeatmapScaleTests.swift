import Foundation
import TestSupport
import Testing

@testable import SpectralScreen

/// Scales other than a map's own: what they are against sums written out, and what legend and files say of them.
@Suite struct HeatmapScaleTests {
    private func map(_ values: [Float], _ scale: Heatmap.Scale, magnitudes: [Float] = []) -> Heatmap {
        Heatmap(title: "M", rows: 1, columns: values.count, values: values, scale: scale, magnitudes: magnitudes)
    }

    /// By the definition: of the other values the share below, equal ones counted half.
    @Test(arguments: [false, true]) func ranksAreShares(isSigned: Bool) {
        var random = Seeded(state: 21)
        for count in [2, 3, 10, 57] {
            // Few different values, so that many are equal.
            let values = (0..<count).map { _ in Float(Int.random(in: -6...6, using: &random)) / 4 }
            let scale = RankScale(of: values + [.nan, .infinity], isSigned: isSigned)
            func size(_ x: Float) -> Float { isSigned ? x.magnitude : x }
            for value in values {
                let below = values.count { size($0) < size(value) }, same = values.count { size($0) == size(value) } - 1
                let expected = (Double(below) + Double(same) / 2) / Double(count - 1)
                #expect(abs(Double(scale.rank(value)) - expected) < 1e-6)
            }
        }
        #expect(RankScale(of: [5]).rank(5) == 0.5 && RankScale(of: []).rank(1) == 0.5 && RankScale(of: []).quantile(0.5).isNaN)
    }

    @Test func quantilesAndSigns() {
        let scale = RankScale(of: [4, 1, 3, 2, .nan])
        #expect([0, 0.5, 1].map { scale.quantile($0) } == [1, 2.5, 4])
        let signed = RankScale(of: [-4, 1, 0, -2, 3], isSigned: true)
        #expect(signed.sorted == [0, 1, 2, 3, 4])
        // A quarter of the way for each rank, half of it on either side of the middle.
        #expect([-4, -2, 0, 1, 3].map { signed.fraction($0) } == [0, 0.25, 0.5, 0.625, 0.875])
    }

    @Test func everyNatureHasItsScales() {
        let decibel = map([4, 0.4, 0], .decibel(floor: -60, reference: 4))
        #expect(decibel.nature == .magnitudes)
        #expect(decibel.scaled(.own, floor: -40).scale == .decibel(floor: -40, reference: 4))
        #expect(decibel.scaled(.own) == decibel)
        #expect(decibel.scaled(.linear).scale == .linear(minimum: 0, maximum: 4))
        let signed = map([-0.5, 0.25, .nan], .linear(minimum: -1, maximum: 1))
        #expect(signed.nature == .signed)
        #expect(signed.scaled(.linear).scale == .linear(minimum: -0.5, maximum: 0.5))
        #expect(signed.scaled(.percentile).scale == .percentile(RankScale(of: [-0.5, 0.25], isSigned: true)))
        #expect(signed.scaled(.own, floor: -40) == signed, "a floor means nothing to signed values")
        let plain = map([3, 5, 4], .linear(minimum: 0, maximum: 9))
        #expect(plain.scaled(.linear).scale == .linear(minimum: 3, maximum: 5))
        #expect(plain.scaled(.percentile).shade(value: 4, magnitude: .infinity) == .fraction(0.5))
        let angles = map([1, 2], .phase(magnitudeFloor: 0))
        for choice in ScaleChoice.allCases { #expect(angles.scaled(choice, floor: -40) == angles) }
    }

    @Test func weakValuesAreNotRankedAndStayMasked() {
        var weak = map([-1, 0.25, 0.5], .linear(minimum: -1, maximum: 1), magnitudes: [0.01, 1, 1])
        weak.magnitudeFloor = 0.1
        #expect(weak.scaled(.linear).scale == .linear(minimum: -0.5, maximum: 0.5))
        let ranked = weak.scaled(.percentile)
        #expect(ranked.isMasked(row: 0, column: 0) && ranked.counts.masked == 1 && ranked.counts.clipped == 0)
        #expect(ranked.readout(row: 0, column: 0) == "row 0 col 0: -1.0, masked: magnitude 0.01")
        #expect(ranked.readout(row: 0, column: 2) == "row 0 col 2: 0.5 at 100.0%")
    }

    /// Equal values have equal shades in all maps that share a scale.
    @Test func sharedScalesAreTheSame() {
        let a = map([0.125, 0.5], .linear(minimum: -1, maximum: 1)), b = map([-0.75, 0.5, 0.25], .linear(minimum: -1, maximum: 1))
        for choice in [ScaleChoice.linear, .percentile] {
            let (x, y) = (a.scaled(choice, sharedWith: [b]), b.scaled(choice, sharedWith: [a]))
            #expect(x.scale == y.scale)
            #expect(x.shade(value: 0.5, magnitude: 1) == y.shade(value: 0.5, magnitude: 1))
        }
        #expect(a.scaled(.linear, sharedWith: [b]).scale == .linear(minimum: -0.75, maximum: 0.75))
    }

    /// From the narrowest pane on.
    @Test func theLegendNamesTheScale() {
        let spectrum = map([4, 0.4, 0.002], .decibel(floor: -60, reference: 4))
        let differences = map([-0.5, 0.125, 0.3], .linear(minimum: -0.5, maximum: 0.5))
        for columns in 21...100 {
            for map in [spectrum, differences] {
                for choice in ScaleChoice.allCases {
                    let shown = map.scaled(choice)
                    let text = shown.legendParts(columns: columns, noteMark: false).map { part in
                        if case .text(let words, _) = part { words } else { "#" }
                    }.joined()
                    let words = choice == .percentile ? ["%", "percentile"] : shown.nature == .magnitudes ? ["dB"] : ["lin"]
                    #expect(words.contains { text.contains($0) }, "\(columns): \(text)")
                    #expect(text.count <= columns)
                    #expect(text.contains("##"), "there is a ramp: \(text)")
                }
            }
        }
        let wide = spectrum.scaled(.percentile).legendParts(columns: 80, noteMark: false)
        #expect(wide.contains(.text("  50% under 0.400", .muted)))
    }

    @Test func filesSayTheScaleAndKeepTheValues() throws {
        let shown = map([4, 0.4, 1], .decibel(floor: -60, reference: 4)).scaled(.percentile)
        let lines = shown.csv().components(separatedBy: "\r\n")
        for line in ["# scale: percentile", "# 0 %: 0.4", "# 50 %: 1.0", "# 100 %: 4.0", "0,1,,,0.4,0.0,shown"] {
            #expect(lines.contains(line), "\(lines)")
        }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(shown.json().utf8)) as? [String: Any])
        let scale = try #require(object["scale"] as? [String: Any])
        #expect(scale["kind"] as? String == "percentile" && (scale["quantiles"] as? [NSNumber])?.map(\.floatValue) == [0.4, 1, 4])
    }
}

/// Eight dots to a cell.
@Suite struct DotTests {
    private let look = Look(glyphs: .braille, colors: .mono)

    /// Rows of dots, read from the characters by the numbering of Unicode: 1 2 3 7 down the left, 4 5 6 8 down the right.
    private func dots(_ grid: CellGrid, _ rect: Rect) -> [[Bool]] {
        let places = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]
        var dots = [[Bool]](repeating: [Bool](repeating: false, count: 2 * rect.columns), count: 4 * rect.rows)
        for row in 0..<rect.rows {
            for column in 0..<rect.columns {
                let scalar = grid.cell(row: rect.row + row, column: rect.column + column).character.unicodeScalars.first!
                let bits = scalar == " " ? 0 : scalar.value - 0x2800
                for (bit, place) in places.enumerated() { dots[4 * row + place.0][2 * column + place.1] = bits & (1 << UInt32(bit)) != 0 }
            }
        }
        return dots
    }

    @Test func moreIsNeverFewerDots() {
        var last = 0
        for step in 0...64 {
            let fraction = Float(step) / 64
            let count = (0..<16).count { Dither.isOn(fraction, row: $0 / 4, column: $0 % 4) }
            #expect(count >= last && abs(Float(count) - 16 * fraction) <= 0.5)
            last = count
        }
        #expect(Dither.braille(atRow: 3, column: 5) { _, _ in 0 } == " " && Dither.braille(atRow: 0, column: 0) { _, _ in 1 } == "⣿")
    }

    /// Every value of a map with eight times as many values as cells is a dot of its own.
    @Test func aCrowdedMapIsDrawnValueByValue() {
        var random = Seeded(state: 9)
        let values = (0..<(24 * 40)).map { _ in Float.random(in: 0...1, using: &random) }
        let map = Heatmap(title: "D", rows: 24, columns: 40, values: values, scale: .linear(minimum: 0, maximum: 1))
        var grid = CellGrid(rows: 9, columns: 20)
        let geometry = grid.draw(map, in: grid.bounds, cursor: nil, look: look)
        #expect(geometry.isDotted && !geometry.isMerged && geometry.map == Rect(row: 1, column: 0, rows: 6, columns: 20))
        let shown = dots(grid, geometry.map)
        for row in 0..<24 {
            for column in 0..<40 {
                // Dots take the map's own rows and columns: its first cell is the first of the pattern.
                #expect(shown[row][column] == Dither.isOn(values[row * 40 + column], row: row, column: column))
            }
        }
        #expect(!grid.text.contains("bins"))
        // With twice the values a dot stands for two, and the note says so.
        let twice = Heatmap(title: "D", rows: 48, columns: 40, values: values + values, scale: map.scale)
        let merged = grid.draw(twice, in: grid.bounds, cursor: (0, 0), look: look)
        #expect(merged.isMerged && grid.text.contains("dot = max of 3x1"))
        #expect(merged.value(atRow: merged.map.row + 1, column: 3).map { [$0.row, $0.column] } == [12, 6])
    }

    /// What has room keeps its tiles, and colours do better than dots.
    @Test func dotsOnlyWhereTheyTellMore() {
        let small = Heatmap(title: "S", rows: 2, columns: 3, values: [0, 1, 0, 1, 0, 1], scale: .linear(minimum: 0, maximum: 1))
        let large = Heatmap(title: "L", rows: 60, columns: 60, values: [Float](repeating: 1, count: 3600), scale: small.scale)
        var grid = CellGrid(rows: 12, columns: 30)
        #expect(!grid.draw(small, in: grid.bounds, look: look).isDotted)
        #expect(grid.draw(large, in: grid.bounds, look: look).isDotted)
        #expect(grid.draw(large, in: grid.bounds, look: Look(glyphs: .braille, colors: .eight)).isDotted)
        #expect(!grid.draw(large, in: grid.bounds, look: Look(glyphs: .braille, colors: .full)).isDotted)
        #expect(!grid.draw(large, in: grid.bounds, look: Look(glyphs: .blocks, colors: .mono)).isDotted)
    }

    @Test func aPictureIsDottedByLight() {
        // Left half black, right half white.
        let pixels = (0..<64).flatMap { place -> [UInt8] in [UInt8](repeating: place % 8 < 4 ? 0 : 255, count: 3) }
        let image = ImagePreview(width: 8, height: 8, pixels: pixels)
        var grid = CellGrid(rows: 2, columns: 4)
        #expect(grid.draw(image, in: grid.bounds, look: look) == grid.bounds)
        #expect(grid.text == "  ⣿⣿\n  ⣿⣿")
        grid.draw(image, in: grid.bounds, look: Look(glyphs: .braille, colors: .mono, theme: .light))
        #expect(grid.text == "⣿⣿\n⣿⣿")
        grid.draw(image, in: grid.bounds, look: Look(glyphs: .braille, colors: .full))
        #expect(grid.text == "▀▀▀▀\n▀▀▀▀")
    }
}
