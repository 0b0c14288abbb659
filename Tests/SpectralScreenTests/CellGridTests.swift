import TestSupport
import Testing

@testable import SpectralScreen

@Suite struct CellGridTests {
    @Test func textIsClippedAtEveryEdge() {
        var grid = CellGrid(rows: 3, columns: 6)
        #expect(grid.put("abcdefgh", row: 0, column: 2) == 4)
        #expect(grid.put("漢字", row: 1, column: -1) == 4)
        #expect(grid.put("x漢字漢", row: 2, column: 0) == 6)
        grid.put("off", row: 7, column: 0)
        grid.put("off", row: -1, column: 0)
        grid.put("off", row: 0, column: 99)
        // The left half of 漢 in row 1 and the right half of the last 漢 in row 2 are off the grid: spaces instead.
        #expect(grid.text == "  abcd\n 字\nx漢字")
        #expect(grid.flaws.isEmpty)
    }

    @Test func halfOverwrittenWideCharactersBecomeSpaces() {
        var grid = CellGrid(rows: 1, columns: 6)
        grid.put("漢字漢", row: 0, column: 0)
        grid.put("x", row: 0, column: 1)
        #expect(grid.text == " x字漢")
        grid.put("漢", row: 0, column: 3)
        #expect(grid.text == " x 漢")
        #expect(grid.cell(row: 0, column: 5).character == " ")
        #expect(grid.flaws.isEmpty)
    }

    @Test func limitCutsBeforeTheEdge() {
        var grid = CellGrid(rows: 1, columns: 10)
        #expect(grid.put("ab漢字", row: 0, column: 1, limit: 6) == 5)
        #expect(grid.text == " ab漢")
        grid.put("long words", in: Rect(row: 0, column: 0, rows: 1, columns: 5), ellipsis: "~")
        #expect(grid.text == "long~")
    }

    @Test func controlCharactersNeverReachTheGrid() {
        var grid = CellGrid(rows: 1, columns: 30)
        grid.put("a\u{1B}]0;t\u{7}\r\n\u{202E}b\u{9B}c\u{85}", row: 0, column: 0)
        #expect(grid.text == "a␛]0;t␇␊\u{FFFD}b\u{FFFD}c\u{FFFD}")
        grid.fill(grid.bounds, with: "\u{1B}")
        #expect(grid.flaws.isEmpty)
    }

    @Test func goldenBoxes() {
        var grid = CellGrid(rows: 5, columns: 20)
        let inside = grid.box(grid.bounds, title: "Atoms of 漢字 and more", look: Look(glyphs: .ascii))
        grid.put("inside", in: inside, style: .accent)
        #expect(
            grid.text == """
                + Atoms of 漢字 a~ +
                |inside            |
                |                  |
                |                  |
                +------------------+
                """)
        #expect(inside == Rect(row: 1, column: 1, rows: 3, columns: 18))
        let styles = grid.styledText.split(separator: "\n").drop { $0 != "--- styles" }.dropFirst().prefix(3)
        #expect(styles == ["0:0+1 border", "0:1+18 title bold", "0:19+1 border"])
        var small = CellGrid(rows: 2, columns: 3)
        small.box(small.bounds, title: "t", look: Look(glyphs: .blocks))
        #expect(small.text == "┌─┐\n└─┘")
    }

    private func scribble(_ grid: inout CellGrid, _ random: inout Seeded) {
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let row = Int.random(in: -3...(grid.rows + 2), using: &random)
            let column = Int.random(in: -6...(grid.columns + 4), using: &random)
            let rect = Rect(
                row: row, column: column, rows: Int.random(in: -1...grid.rows + 2, using: &random),
                columns: Int.random(in: -1...grid.columns + 2, using: &random))
            let style = Style(.role(Role.allCases.randomElement(using: &random)!))
            switch Int.random(in: 0...6, using: &random) {
            case 0: grid.fill(rect, with: Character("漢"), style: style)
            case 1: grid.fill(rect, with: "#", style: style)
            case 2: grid.box(rect, title: randomText(&random), look: Look())
            case 3: grid.restyle(rect) { _ in style }
            case 4:
                var other = CellGrid(rows: 3, columns: 5)
                other.put(randomText(&random), row: 1, column: -1)
                grid.place(other, row: row, column: column)
            default: grid.put(randomText(&random), row: row, column: column, style: style)
            }
        }
    }

    @Test func randomDrawingKeepsEveryPromiseAndDiffsRebuildIt() {
        var random = Seeded(state: 5)
        for _ in 0..<200 {
            let rows = Int.random(in: 0...9, using: &random)
            let columns = Int.random(in: 0...17, using: &random)
            var old = CellGrid(rows: rows, columns: columns)
            scribble(&old, &random)
            var new = old
            scribble(&new, &random)
            #expect(new.flaws == [])
            let runs = new.changes(from: old)
            var rebuilt = old
            rebuilt.apply(runs)
            #expect(rebuilt == new)
            for run in runs {
                #expect(run.cells[0].width != 0)
                #expect(run.cells.allSatisfy { $0.style == run.style })
                #expect(run.column + run.cells.count <= columns)
            }
            var fresh = CellGrid(rows: rows, columns: columns)
            fresh.apply(new.changes(from: nil))
            #expect(fresh == new)
            #expect(new.changes(from: new).isEmpty)
        }
    }

    @Test func aDiffHoldsOnlyWhatChanged() {
        var old = CellGrid(rows: 2, columns: 20)
        old.put("hello world", row: 0, column: 0)
        var new = old
        new.put("W", row: 0, column: 6)
        new.put("漢", row: 1, column: 3)
        let runs = new.changes(from: old)
        #expect(runs.map { [$0.row, $0.column, $0.cells.count] } == [[0, 6, 1], [1, 3, 2]])
    }

    @Test func layoutPartsNeverOverlapOrLeave() {
        var random = Seeded(state: 9)
        for _ in 0..<500 {
            let rect = Rect(
                row: 2, column: 3, rows: Int.random(in: -1...30, using: &random),
                columns: Int.random(in: -1...60, using: &random))
            let shares: [Share] = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                switch Int.random(in: 0...2, using: &random) {
                case 0: .fixed(Int.random(in: -3...40, using: &random))
                case 1: .fraction(Double.random(in: -0.5...1.5, using: &random))
                default: .rest(weight: Int.random(in: -1...3, using: &random))
                }
            }
            let gap = Int.random(in: -1...3, using: &random)
            for parts in [Layout.columns(rect, shares, gap: gap), Layout.rows(rect, shares, gap: gap)] {
                #expect(parts.count == shares.count)
                for part in parts {
                    #expect(part.rows >= 0 && part.columns >= 0)
                    #expect(part.row >= rect.row && part.column >= rect.column)
                    #expect(part.endRow <= rect.endRow && part.endColumn <= rect.endColumn)
                }
                for (left, right) in zip(parts, parts.dropFirst()) { #expect(left.intersection(right).isEmpty) }
            }
        }
        let parts = Layout.columns(Rect(rows: 4, columns: 100), [.fixed(20), .fraction(0.25), .rest, .rest(weight: 2)], gap: 1)
        #expect(parts.map(\.columns) == [20, 24, 17, 36])
        #expect(parts.map(\.column) == [0, 21, 46, 64])
    }
}
