import Foundation
#if canImport(FoundationXML)
    import FoundationXML
#endif
import TestSupport
import Testing

@testable import SpectralScreen

/// What leaves the screen as a file.
@Suite struct ExportTests {
    private let nasty = ["quote \"\u{301},", "plain", "a,b", "say \"hi\"", "<&>]]>", "\u{1B}[31m", "two\nlines", "\u{202E}x", "\u{FFFF}", "é漢|`*", " edge "]

    private func map(rows: Int = 3, columns: Int = 4, scale: Heatmap.Scale = .linear(minimum: 0, maximum: 1)) -> Heatmap {
        var random = Seeded(state: 7)
        return Heatmap(
            title: "Map & <title> \u{1B}", unit: "nats", rows: rows, columns: columns,
            values: (0..<rows * columns).map { _ in Float.random(in: -0.2...1.2, using: &random) }, scale: scale,
            rowLabels: (0..<rows).map { nasty[$0 % nasty.count] }, columnLabels: (0..<columns).map { "c\($0)" })
    }

    private func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            // The joiner of emoji sequences is the one format character that cells keep.
            if ["\n", "\r", "\u{200D}"].contains(scalar) { return true }
            return switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    // MARK: Pictures

    /// Gathers what an XML parser finds in an SVG.
    private final class Reader: NSObject, XMLParserDelegate {
        var paths: [(fill: String, d: String)] = []
        var texts: [String] = []
        private var isInText = false

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String] = [:]
        ) {
            if name == "path" { paths.append((attributes["fill"] ?? "", attributes["d"] ?? "")) }
            isInText = name == "text"
            if isInText { texts.append("") }
        }
        func parser(_ parser: XMLParser, foundCharacters string: String) { if isInText { texts[texts.count - 1] += string } }
        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) { isInText = false }
    }

    private func read(_ svg: String) throws -> Reader {
        let reader = Reader(), parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")\n\(svg)")
        return reader
    }

    @Test func svgIsWellFormedWhateverTheTexts() throws {
        var random = Seeded(state: 11)
        for round in 0..<60 {
            var heatmap = map(rows: 1 + round % 5, columns: 1 + round % 7)
            heatmap.title = randomText(&random)
            heatmap.unit = nasty[round % nasty.count]
            heatmap.rowLabels = (0..<heatmap.rows).map { _ in randomText(&random) }
            heatmap.columnLabels = (0..<heatmap.columns).map { _ in randomText(&random) }
            let picture = ExportPicture(heatmap, cursor: (0, 0), captions: [randomText(&random), nasty[(round + 3) % nasty.count]])
            let svg = picture.svg(title: randomText(&random), description: nasty[round % nasty.count])
            #expect(isHarmless(svg))
            _ = try read(svg)
        }
    }

    @Test func titleLegendReadoutAndNoteAreTheScreens() throws {
        let heatmap = map()
        var grid = CellGrid(rows: 20, columns: 120)
        grid.draw(heatmap, in: grid.bounds, cursor: (1, 2), look: Look())
        let screen = grid.text
        let texts = try read(ExportPicture(heatmap, cursor: (1, 2)).svg()).texts
        #expect(texts.contains { $0.hasPrefix("Map & <title>") && $0.hasSuffix("[nats]") })
        for wanted in ["min 0 ", " max 1", heatmap.readout(row: 1, column: 2)] {
            #expect(texts.contains(TextWidth.visible(wanted)), "\(texts)")
            #expect(screen.contains(TextWidth.visible(wanted)))
        }
        #expect(heatmap.counts.clipped > 0)
        #expect(texts.contains("\(heatmap.counts.clipped) of 12 clipped"))
        #expect(screen.contains("\(heatmap.counts.clipped) of 12 clipped"))
    }

    private func pixel(_ picture: ExportPicture, _ rgb: [UInt8], x: Int, y: Int) -> [UInt8] {
        let place = (y * picture.width + x) * 3
        return Array(rgb[place..<place + 3])
    }

    /// Where the tiles of a picture begin.
    private func origin(_ picture: ExportPicture) throws -> (x: Int, y: Int, side: Int) {
        for case .mosaic(let x, let y, let side, _, _) in picture.parts { return (x, y, side) }
        throw CocoaError(.featureUnsupported)
    }

    /// Colours worked out by hand: xterm's 53, 71 and 220 are the first, middle and last steps of the ramp.
    @Test func pixelsEqualTheRampAtKnownCells() throws {
        var heatmap = Heatmap(
            title: "", rows: 1, columns: 7, values: [0, 0.5, 1, -3, 7, .nan, 0.5], scale: .linear(minimum: 0, maximum: 1),
            magnitudes: [1, 1, 1, 1, 1, 1, 0.01])
        heatmap.magnitudeFloor = 0.1
        let picture = ExportPicture(heatmap), rgb = picture.rgb(), at = try origin(picture)
        #expect(rgb.count == picture.width * picture.height * 3)
        let expected: [[UInt8]] = [
            [95, 0, 95], [95, 175, 95], [255, 215, 0], [95, 0, 95], [255, 215, 0], [255, 95, 95], [0, 0, 0],
        ]
        for (column, color) in expected.enumerated() {
            for (dx, dy) in [(0, 0), (at.side - 1, at.side - 1), (at.side / 2, at.side / 3)] {
                #expect(pixel(picture, rgb, x: at.x + column * at.side + dx, y: at.y + dy) == color, "column \(column)")
            }
        }
        let light = ExportPicture(heatmap, look: Look(theme: .light)), there = try origin(light)
        #expect(pixel(light, light.rgb(), x: there.x + 1, y: there.y + 1) == [255, 215, 0])
    }

    @Test func scaledPixelsAreTheSamePicture() throws {
        let picture = ExportPicture(map(scale: .phase(magnitudeFloor: 0)), cursor: (2, 3)), once = picture.rgb(), thrice = picture.rgb(scale: 3)
        #expect(thrice.count == 9 * once.count)
        for y in stride(from: 0, to: picture.height * 3, by: 5) {
            for x in stride(from: 0, to: picture.width * 3, by: 7) {
                let place = (y * picture.width * 3 + x) * 3
                #expect(Array(thrice[place..<place + 3]) == pixel(picture, once, x: x / 3, y: y / 3))
            }
        }
    }

    /// The paths of the SVG, painted here, give the pixels of the raster.
    @Test func svgPathsCoverTheTilesOfTheRaster() throws {
        let heatmap = map(rows: 9, columns: 11, scale: .decibel(floor: -20, reference: 1)), picture = ExportPicture(heatmap)
        let at = try origin(picture), rgb = picture.rgb()
        var painted: [Int: String] = [:]
        for path in try read(picture.svg()).paths {
            for stroke in path.d.split(separator: "z") {
                let numbers = stroke.split { !$0.isNumber && $0 != "-" }.compactMap { Int($0) }
                try #require(numbers.count == 5, "\(stroke)")
                #expect(numbers[3] == at.side && numbers[4] == -numbers[2])
                for x in stride(from: numbers[0], to: numbers[0] + numbers[2], by: at.side) {
                    let place = (numbers[1] - at.y) / at.side * 11 + (x - at.x) / at.side
                    #expect(painted.updateValue(path.fill, forKey: place) == nil, "a tile painted twice")
                }
            }
        }
        #expect(painted.count == 99)
        for (place, fill) in painted {
            let color = pixel(picture, rgb, x: at.x + place % 11 * at.side + 1, y: at.y + place / 11 * at.side + 1)
            #expect(fill == "#" + color.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
    }

    @Test func aPaneIsDrawnCellByCell() throws {
        var grid = CellGrid(rows: 3, columns: 8)
        grid.fill(Rect(row: 0, column: 0, rows: 1, columns: 1), with: "█", style: Style(.indexed(220)))
        grid.put("I", row: 1, column: 2, style: Style(.indexed(53), on: .indexed(71)))
        grid.put("漢", row: 2, column: 3)
        let picture = ExportPicture(grid, look: Look()), rgb = picture.rgb()
        #expect(picture.width == 48 && picture.height == 36)
        #expect(pixel(picture, rgb, x: 0, y: 0) == [255, 215, 0] && pixel(picture, rgb, x: 5, y: 11) == [255, 215, 0])
        #expect(pixel(picture, rgb, x: 6, y: 0) == [0, 0, 0])
        #expect(pixel(picture, rgb, x: 12, y: 12) == [95, 175, 95])
        // The stem of the letter, two rows under the top of its cell.
        #expect(pixel(picture, rgb, x: 14, y: 16) == [95, 0, 95])
        #expect(try read(picture.svg()).texts == ["I", "漢"])
    }

    @Test func lettersDifferFromOneAnother() {
        let printable = (0x20..<0x7F).map { Character(Unicode.Scalar(UInt8($0))) }
        #expect(Set(printable.map { ExportFont.columns(of: $0) }).count == printable.count)
        #expect(printable.filter { ExportFont.columns(of: $0).allSatisfy { $0 == 0 } } == [" "])
        #expect(!printable.contains { ExportFont.columns(of: $0) == ExportFont.unknown })
        for glyphs in GlyphSet.allCases {
            for character in glyphs.ramp + glyphs.directions + glyphs.barParts + glyphs.columnParts + [glyphs.horizontal, glyphs.vertical, glyphs.pointer] {
                let isDrawn = ExportFont.block(character, x: 0, y: 0) != nil || ExportFont.columns(of: character) != ExportFont.unknown
                #expect(isDrawn, "\(character)")
            }
        }
    }

    @Test func nothingIsTooSmallToDraw() throws {
        for (rows, columns) in [(0, 0), (0, 5), (5, 0), (1, 1)] {
            let picture = ExportPicture(Heatmap(title: "", rows: rows, columns: columns, values: [], scale: .linear(minimum: 0, maximum: 1)))
            #expect(picture.rgb().count == picture.width * picture.height * 3)
            _ = try read(picture.svg())
        }
        #expect(ExportPicture(CellGrid(rows: 0, columns: 0), look: Look()).rgb().count == 3)
    }

    // MARK: Numbers

    /// RFC 4180, read from its grammar.
    private func parse(_ csv: String) throws -> [[String]] {
        var rows: [[String]] = [[]], field = "", isQuoted = false
        let scalars = Array(csv.unicodeScalars)
        var i = 0
        while i < scalars.count {
            let scalar = scalars[i]
            if isQuoted, scalar == "\"", i + 1 < scalars.count, scalars[i + 1] == "\"" {
                field += "\""
                i += 1
            } else if scalar == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, scalar == "," {
                rows[rows.count - 1].append(field)
                field = ""
            } else if !isQuoted, scalar == "\r" {
                try #require(i + 1 < scalars.count && scalars[i + 1] == "\n")
                i += 1
                rows[rows.count - 1].append(field)
                rows.append([])
                field = ""
            } else {
                field.unicodeScalars.append(scalar)
            }
            i += 1
        }
        try #require(!isQuoted && field.isEmpty && rows.last == [])
        return rows.dropLast()
    }

    @Test func csvReadsBackToTheExactFloats() throws {
        var random = Seeded(state: 3)
        let values = (0..<60).map { _ in Float(bitPattern: UInt32.random(in: 0...0x7F7F_FFFF, using: &random)) } + [.nan, -.infinity, .infinity, 0]
        let heatmap = Heatmap(
            title: "T", unit: "u", rows: 8, columns: 8, values: values, scale: .decibel(floor: -60, reference: 2),
            rowLabels: (0..<8).map { nasty[$0] }, columnLabels: (0..<8).map { nasty[9 - $0] })
        let csv = heatmap.csv(facts: [ExportFact("question", "what\nis \u{1B}it?")])
        #expect(isHarmless(csv))
        let lines = csv.components(separatedBy: "\r\n")
        #expect(lines[0] == "# title: T" && lines.contains("# floor: -60.0 dB") && lines.contains { $0.hasPrefix("# question: what") })
        let table = try parse(heatmap.csv(hasFacts: false))
        #expect(table[0] == ["row", "column", "row_label", "column_label", "value", "decibel", "shown"])
        #expect(table.count == 65)
        for (place, row) in table.dropFirst().enumerated() {
            #expect(row.count == 7 && row[0] == "\(place / 8)" && row[1] == "\(place % 8)")
            #expect(row[2] == TextWidth.visible(nasty[place / 8]))
            let read = try #require(Float(row[4]))
            #expect(read.bitPattern == values[place].bitPattern || read.isNaN && values[place].isNaN)
            if values[place] == 2 { #expect(row[5] == "0.0") }
        }
        #expect(table[64][6] == "clipped low" && table[61][6] == "not finite")
    }

    @Test func jsonReadsBackToTheExactFloats() throws {
        var heatmap = map(rows: 4, columns: 5)
        heatmap.values[3] = .nan
        heatmap.values[7] = -.infinity
        heatmap.magnitudes = (0..<20).map { Float($0) / 7 }
        let text = heatmap.json(facts: [ExportFact("check\u{9B}point", "\u{1B}]0;x")])
        #expect(isHarmless(text))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let values = try #require(object["values"] as? [[Any]]), magnitudes = try #require(object["magnitudes"] as? [[Any]])
        for place in 0..<20 {
            let value = heatmap.values[place]
            if value.isFinite {
                #expect((values[place / 5][place % 5] as? NSNumber)?.floatValue.bitPattern == value.bitPattern)
            } else {
                #expect(values[place / 5][place % 5] is NSNull)
            }
            #expect((magnitudes[place / 5][place % 5] as? NSNumber)?.floatValue == heatmap.magnitudes[place])
        }
        let odd = try #require(object["notFinite"] as? [[Any]])
        #expect(odd.map { $0[2] as? String } == ["nan", "-inf"])
        #expect(object["title"] as? String == heatmap.title)
        #expect((object["scale"] as? [String: Any])?["kind"] as? String == "linear")
        #expect((object["facts"] as? [String: Any])?["check\u{9B}point"] as? String == "\u{1B}]0;x")
    }

    // MARK: Tables

    @Test func tablesKeepTheirColumns() throws {
        let table = ExportTable(header: ["a|b", "c"], rows: nasty.map { [$0, "1"] } + [["short"], ["x", "y", "z"]])
        let csv = try parse(table.csv())
        #expect(csv.dropFirst().prefix(nasty.count).map { $0[0] } == nasty.map { TextWidth.visible($0) })
        let markdown = table.markdown().split(separator: "\n")
        #expect(markdown.count == table.rows.count + 2 && isHarmless(table.markdown()))
        for line in markdown {
            let bars = line.replacingOccurrences(of: "\\\\", with: "").replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count
            #expect(bars == 3, "\(line)")
        }
        #expect(markdown[0] == "| a\\|b | c |" && markdown[1] == "| --- | --- |")
        #expect(table.markdown { $0 == 1 }.split(separator: "\n")[1] == "| --- | ---: |")
    }
}
