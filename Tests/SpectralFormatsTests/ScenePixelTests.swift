import Testing

@testable import SpectralFormats

@Suite("Scenes: what the pixels show")
struct ScenePixelTests {
    /// Mean of the three channels at a pixel, divided by that of the object's full colour.
    private func brightness(_ rendered: RenderedScene, _ x: Int, _ y: Int) -> Float {
        let rgb = rendered.scene.objects[0].colour.rgb
        let at = (y * 64 + x) * 3
        let sum = rendered.image.pixels[at..<(at + 3)].reduce(Float(0)) { $0 + Float($1) }
        return sum / rgb.sum()
    }

    @Test("glyphs are pairwise distinct, and what is drawn reads back as the bitmap", arguments: 0..<10)
    func glyphs(digit: Int) {
        func bitmap(_ digit: Int) -> [Bool] {
            (0..<35).map { SceneGlyphs.hasInk(digit: digit, column: $0 % 5, row: $0 / 5) }
        }
        for other in 0..<10 where other != digit {
            #expect(zip(bitmap(digit), bitmap(other)).count { $0 != $1 } >= 3, "\(digit) and \(other)")
        }
        for shape in [SceneShape.circle, .square] {
            for (size, scale) in [(SceneSize.small, 1), (.large, 2)] {
                let object = SceneObject(
                    x: 30, y: 33, size: size, colour: .yellow, shape: shape, texture: .digit, digit: digit)
                let rendered = Scene(objects: [object], tone: .dark).render()
                let left = 30 - 5 * scale / 2
                let top = 33 - 7 * scale / 2
                var seen: Set<Int> = []
                for y in 0..<64 {
                    for x in 0..<64 where rendered.mask[y * 64 + x] == 1 && brightness(rendered, x, y) < 0.55 {
                        seen.insert(y * 64 + x)
                    }
                }
                var expected: Set<Int> = []
                for (cell, ink) in bitmap(digit).enumerated() where ink {
                    for offset in 0..<(scale * scale) {
                        let x = left + cell % 5 * scale + offset % scale
                        let y = top + cell / 5 * scale + offset / scale
                        expected.insert(y * 64 + x)
                    }
                }
                #expect(seen == expected, "\(digit) on a \(size) \(shape)")
            }
        }
    }

    @Test("the glyphs are the digits zero to nine to a reader's eye")
    func glyphPictures() {
        let picture = (0..<7).map { row in
            (0..<10).map { digit in
                (0..<5).map { SceneGlyphs.hasInk(digit: digit, column: $0, row: row) ? "#" : "." }.joined()
            }.joined(separator: " ")
        }
        let expected = [
            ".###. ..#.. .###. ####. ...#. ##### ..##. ##### .###. .###.",
            "#...# .##.. #...# ....# ..##. #.... .#... ....# #...# #...#",
            "#...# ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...#",
            "#...# ..#.. ..##. .###. #..#. ....# ####. ..#.. .###. .####",
            "#...# ..#.. .#... ....# ##### ....# #...# ..#.. #...# ....#",
            "#...# ..#.. #.... ....# ...#. #...# #...# .#... #...# ...#.",
            ".###. .###. ##### ####. ...#. .###. .###. .#... .###. .##..",
        ]
        #expect(picture == expected)
    }

    @Test("stripes run the way they are called, four pixels a period; checks and dots have their lattices")
    func textures() {
        /// Share of object pixels whose brightness agrees with the pixel at an offset, both inside the object.
        func agreement(_ texture: SceneTexture, _ dx: Int, _ dy: Int) -> Double {
            let object = SceneObject(
                x: 32, y: 32, size: .large, colour: .white, shape: .square, texture: texture, phase: 5)
            let rendered = Scene(objects: [object], tone: .dark).render()
            var (same, all) = (0, 0)
            for y in 24..<40 {
                for x in 24..<40 {
                    all += 1
                    let (a, b) = (brightness(rendered, x, y), brightness(rendered, x + dx, y + dy))
                    same += (a > 0.65) == (b > 0.65) ? 1 : 0
                }
            }
            return Double(same) / Double(all)
        }
        // Along the stripe all agree; two pixels across all differ; four across agree again. y runs downwards.
        let along: [(SceneTexture, Int, Int, Int, Int)] = [
            (.horizontalStripes, 1, 0, 0, 1), (.verticalStripes, 0, 1, 1, 0),
            (.risingStripes, 1, -1, 1, 0), (.fallingStripes, 1, 1, 1, 0),
        ]
        for (texture, alongX, alongY, acrossX, acrossY) in along {
            #expect(agreement(texture, alongX, alongY) == 1)
            #expect(agreement(texture, 2 * acrossX, 2 * acrossY) == 0)
            #expect(agreement(texture, 4 * acrossX, 4 * acrossY) == 1)
        }
        #expect(agreement(.checks, 3, 0) == 0)
        #expect(agreement(.checks, 0, 3) == 0)
        #expect(agreement(.checks, 3, 3) == 1)
        #expect(agreement(.dots, 4, 0) == 1)
        #expect(agreement(.dots, 0, 4) == 1)
        #expect(agreement(.dots, 2, 0) == 0.5)
        #expect(agreement(.plain, 1, 2) == 1)
    }

    @Test("the background has its tone, its brighter side and noise of sigma 4", arguments: SceneSide.allCases)
    func background(side: SceneSide) {
        for (tone, level) in [(SceneTone.dark, Float(110) / 3), (.bright, Float(545) / 3)] {
            let scene = Scene(objects: [], tone: tone, hue: [3, -6, 3], brighterSide: side, seed: 8)
            let pixels = scene.render().image.pixels
            func mean(_ columns: Range<Int>, _ rows: Range<Int>) -> Float {
                var sum: Float = 0
                for y in rows {
                    for x in columns { for channel in 0..<3 { sum += Float(pixels[(y * 64 + x) * 3 + channel]) } }
                }
                return sum / Float(columns.count * rows.count * 3)
            }
            #expect(abs(mean(0..<64, 0..<64) - level) < 0.5)
            // The means of two halves lie 32 px apart: 9.6 grey levels.
            let across = mean(32..<64, 0..<64) - mean(0..<32, 0..<64)
            let down = mean(0..<64, 32..<64) - mean(0..<64, 0..<32)
            let expected: (Float, Float) =
                switch side {
                case .left: (-9.6, 0)
                case .right: (9.6, 0)
                case .top: (0, -9.6)
                case .bottom: (0, 9.6)
                }
            #expect(abs(across - expected.0) < 0.5 && abs(down - expected.1) < 0.5)
            // Differences of neighbours along the flat direction have variance 2 * 16, and 1 / 6 more by rounding.
            let flatIsAcross = side == .top || side == .bottom
            var squares: Float = 0
            for y in 0..<63 {
                for x in 0..<63 {
                    let here = Float(pixels[(y * 64 + x) * 3])
                    let there = Float(pixels[(flatIsAcross ? y * 64 + x + 1 : (y + 1) * 64 + x) * 3])
                    squares += (here - there) * (here - there)
                }
            }
            let sigma = (squares / Float(63 * 63) / 2).squareRoot()
            #expect(abs(sigma - 4) < 0.25)
        }
    }
}
