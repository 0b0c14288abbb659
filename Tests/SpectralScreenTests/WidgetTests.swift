import TestSupport
import Testing

@testable import SpectralScreen

@Suite struct WidgetTests {
    private let ascii = Look(glyphs: .ascii, colors: .mono)

    @Test func listsScrollAsLittleAsTheyMust() {
        var state = ListState()
        state.move(by: 4, count: 10)
        #expect(state.scrolled(count: 10, height: 3).first == 2)
        state = state.scrolled(count: 10, height: 3)
        state.move(by: -1, count: 10)
        #expect(state.scrolled(count: 10, height: 3).first == 2)
        state.move(by: -100, count: 10)
        #expect(state.scrolled(count: 10, height: 3) == ListState())
        state.move(by: .max, count: 10)
        #expect(state.selected == 9)
        state.move(by: .min, count: 10)
        #expect(state.selected == 0)
        #expect(ListState(selected: 9, first: 9).scrolled(count: 4, height: 10) == ListState(selected: 3, first: 0))
        #expect(ListState(selected: 2, first: 2).scrolled(count: 0, height: 0) == ListState())
    }

    @Test func goldenList() {
        var grid = CellGrid(rows: 3, columns: 20)
        let names = ["one.png", "a rather long name.png", "漢字.jpg", "four.webp", "five"]
        let state = grid.drawList(in: grid.bounds, state: ListState(selected: 2), count: 5, look: ascii) { row in
            ListRow(names[row], detail: row == 2 ? "2 new" : "")
        }
        #expect(state == ListState(selected: 2, first: 0))
        #expect(
            grid.text == """
                  one.png
                  a rather long na~
                > 漢字.jpg    2 newv
                """)
        #expect(grid.cell(row: 2, column: 5).style == Style(.terminal, on: .role(.selection), .bold))
        var asked: [Int] = []
        grid.drawList(in: Rect(rows: 2, columns: 20), state: ListState(selected: 1000), count: 5000, look: ascii) { row in
            asked.append(row)
            return ListRow("\(row)")
        }
        #expect(asked == [999, 1000])
        #expect(grid.lineText(0) == "  999              ^")
    }

    @Test func editingALine() {
        var line = PromptLine("what color")
        for key in [Key.control("w"), .character("s"), .character("h"), .character("a"), .character("p"), .character("e")] {
            let isUsed = line.handle(key)
            #expect(isUsed)
        }
        #expect(line.text == "what shape")
        _ = line.handle(.home)
        _ = line.handle(.delete)
        _ = line.handle(.character("漢"))
        #expect(line.text == "漢hat shape" && line.cursor == 1)
        #expect(line.view(width: 20).cursorColumn == 2)
        _ = line.handle(.end)
        _ = line.handle(.control("u"))
        #expect(line.isEmpty && line.cursor == 0)
        for key in [Key.enter, .up, .down, .escape, .tab, .function(1), .control("z")] {
            let isUsed = line.handle(key)
            #expect(!isUsed)
        }
        line.insert("a\nb\tc\u{1B}[0m\u{202E}")
        #expect(line.text == "a b c␛[0m\u{FFFD}")
    }

    @Test func theCursorStaysInView() {
        var random = Seeded(state: 21)
        let keys: [Key] = [
            .character("a"), .character("漢"), .character(" "), .left, .right, .home, .end, .backspace, .delete,
            .control("w"), .control("k"), .control("u"), .left, .character("b"),
        ]
        var line = PromptLine()
        for _ in 0..<2000 {
            if Int.random(in: 0...20, using: &random) == 0 { line.insert(randomText(&random)) }
            _ = line.handle(keys.randomElement(using: &random)!)
            let width = Int.random(in: 0...12, using: &random)
            let view = line.view(width: width)
            #expect(line.cursor >= 0 && line.cursor <= line.glyphs.count)
            #expect(view.cursorColumn >= 0 && (width == 0 || view.cursorColumn < width))
            #expect(TextWidth.of(view.text) <= width)
        }
        #expect(PromptLine("abcdef").view(width: 4).text == "def")
        #expect(PromptLine("abcdef").view(width: 4).cursorColumn == 3)
    }

    @Test func goldenPromptAndGauges() {
        var grid = CellGrid(rows: 4, columns: 24)
        let cursor = grid.drawPrompt(PromptLine("how many?"), label: "ask> ", in: grid.bounds)
        #expect(cursor?.row == 0 && cursor?.column == 14)
        grid.drawProbability(0.75, label: "circle", labelWidth: 7, in: Rect(row: 1, column: 0, rows: 1, columns: 24), look: ascii)
        grid.drawProbability(0.0001, label: "square", labelWidth: 7, in: Rect(row: 2, column: 0, rows: 1, columns: 24), look: Look())
        grid.drawGauge(.nan, in: Rect(row: 3, column: 0, rows: 1, columns: 5), look: ascii)
        #expect(
            grid.text == """
                ask> how many?
                circle  #######..  75.0%
                square  ▏········  <0.1%
                .....
                """)
    }

    @Test func goldenImage() {
        // Left half white, right half black, 8 x 8 pixels.
        var pixels: [UInt8] = []
        for _ in 0..<8 { for x in 0..<8 { pixels += x < 4 ? [255, 255, 255] : [0, 0, 0] } }
        let image = ImagePreview(width: 8, height: 8, pixels: pixels)
        var grid = CellGrid(rows: 3, columns: 10)
        let area = grid.draw(image, in: grid.bounds, look: ascii)
        #expect(area == Rect(row: 0, column: 2, rows: 3, columns: 6))
        #expect(grid.text == "  @@@\n  @@@\n  @@@")
        var light = CellGrid(rows: 3, columns: 10)
        light.draw(image, in: light.bounds, look: Look(glyphs: .ascii, colors: .mono, theme: .light))
        #expect(light.text == "     @@@\n     @@@\n     @@@")
        var color = CellGrid(rows: 3, columns: 10)
        color.draw(image, in: color.bounds, look: Look())
        #expect(color.cell(row: 1, column: 2) == Cell("▀", Style(.indexed(231), on: .indexed(231))))
        #expect(color.cell(row: 1, column: 7) == Cell("▀", Style(.indexed(16), on: .indexed(16))))
        #expect(image.cells(forBoxAtX: 4, y: 0, width: 4, height: 8, drawnIn: area) == Rect(row: 0, column: 5, rows: 3, columns: 3))
    }

    @Test func everyWidgetSurvivesEverySize() {
        var random = Seeded(state: 8)
        for _ in 0..<300 {
            var grid = CellGrid(rows: Int.random(in: 0...8, using: &random), columns: Int.random(in: 0...16, using: &random))
            let rect = Rect(
                row: Int.random(in: -3...6, using: &random), column: Int.random(in: -3...12, using: &random),
                rows: Int.random(in: 0...8, using: &random), columns: Int.random(in: 0...20, using: &random))
            let look = Look(glyphs: GlyphSet.allCases.randomElement(using: &random)!)
            let text = randomText(&random)
            grid.drawList(in: rect, state: ListState(selected: 3), count: 7, look: look) { _ in ListRow(text, detail: "漢") }
            grid.drawPrompt(PromptLine(text), label: text, in: rect)
            grid.drawProbability(Double.random(in: -1...2, using: &random), label: text, labelWidth: 5, in: rect, look: look)
            grid.drawLines(TextWrap.lines(text, width: rect.columns), in: rect, keepsEnd: true)
            let side = Int.random(in: 0...5, using: &random)
            let pixels = [UInt8](repeating: 99, count: Int.random(in: 0...80, using: &random))
            grid.draw(ImagePreview(width: side, height: 5 - side, pixels: pixels), in: rect, look: look)
            grid.box(rect, title: text, look: look)
            #expect(grid.flaws == [])
        }
        for (rows, columns) in [(1, 1), (200, 500)] {
            var grid = CellGrid(rows: rows, columns: columns)
            let image = ImagePreview(width: 4, height: 4, pixels: [UInt8](repeating: 7, count: 48))
            grid.draw(image, in: grid.box(grid.bounds, look: Look()), look: Look())
            #expect(grid.changes(from: nil).reduce(0) { $0 + $1.cells.count } == rows * columns)
        }
    }
}
