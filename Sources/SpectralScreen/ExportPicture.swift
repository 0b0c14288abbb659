// Pictures of panes: rectangles and lines of text, from which SVG and pixels are both made.
//
// Guarantees: SVG and pixels show the same rectangles in the same places and colours; text comes out with nothing that
// XML or a terminal would act on. Colours are those of the screen with 256 colours, in the look's theme.

/// Whole pixels from the top left.
public struct ExportRect: Hashable, Sendable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// Red, green and blue, 0 to 255 each.
public struct ExportColor: Hashable, Sendable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// A place among xterm's 256 colours.
    init(index: UInt8) {
        let parts = Palette.components(of: index)
        self.init(red: UInt8(parts.red), green: UInt8(parts.green), blue: UInt8(parts.blue))
    }

    /// `part` of this colour, the rest of `ground`.
    func mixed(_ part: Float, over ground: ExportColor) -> ExportColor {
        func mix(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Float(a) * part + Float(b) * (1 - part)).rounded()) }
        return ExportColor(red: mix(red, ground.red), green: mix(green, ground.green), blue: mix(blue, ground.blue))
    }

    /// `#rrggbb`.
    var hex: String {
        "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

public struct ExportPicture: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case fill(ExportRect, ExportColor)
        /// Square tiles of `side` pixels, row-major.
        case mosaic(x: Int, y: Int, side: Int, columns: Int, [ExportColor])
        /// One line of letters in cells of `ExportFont`'s size; `x` and `y` are the top left of the first.
        case text(String, x: Int, y: Int, ExportColor, isBold: Bool)
    }

    /// In pixels, at least 1.
    public internal(set) var width: Int
    public internal(set) var height: Int
    let ground: ExportColor
    let ink: ExportColor
    /// Later parts cover earlier ones.
    var parts: [Part] = []

    init(width: Int, height: Int, theme: Theme) {
        self.width = max(1, width)
        self.height = max(1, height)
        let black = ExportColor(red: 0, green: 0, blue: 0), white = ExportColor(red: 255, green: 255, blue: 255)
        ground = theme == .dark ? black : white
        ink = theme == .dark ? ExportColor(red: 229, green: 229, blue: 229) : black
    }

    /// The colour of a number that a terminal of 256 colours would be given; -1 is its default.
    func color(_ number: Int16, default fallback: ExportColor) -> ExportColor {
        number >= 0 ? ExportColor(index: UInt8(truncatingIfNeeded: number)) : fallback
    }

    /// A pane or screen as its cells are drawn: a cell is 6 x 12 pixels.
    ///
    /// - Parameter captions: lines under it, such as the question and the checkpoint.
    public init(_ grid: CellGrid, look: Look, captions: [String] = []) {
        let (width, height) = (ExportFont.cellWidth, ExportFont.cellHeight)
        let letters = max(grid.columns, captions.map { TextWidth.of($0) }.max() ?? 0)
        let lines = captions.isEmpty ? 0 : captions.count + 1
        self.init(width: letters * width, height: (grid.rows + lines) * height, theme: look.theme)
        var look = look
        look.colors = .full
        for (line, caption) in captions.enumerated() {
            write(caption, x: 0, y: (grid.rows + line) * height + height / 2, .muted, look)
        }
        for row in 0..<grid.rows {
            var run = (text: "", x: 0, color: ink, isBold: false)
            func end() -> [Part] {
                let isBlank = run.text.allSatisfy { $0 == " " }
                return isBlank ? [] : [.text(run.text, x: run.x, y: row * height, run.color, isBold: run.isBold)]
            }
            for column in 0..<grid.columns {
                let cell = grid.cell(row: row, column: column), (x, y) = (column * width, row * height)
                let style = look.resolve(cell.style), attributes = style.attributes
                var (front, back) = (color(style.foreground, default: ink), color(style.background, default: ground))
                if attributes.contains(.reverse) { swap(&front, &back) }
                if attributes.contains(.dim) { front = front.mixed(0.6, over: back) }
                if back != ground { parts.append(.fill(ExportRect(x: x, y: y, width: width, height: height), back)) }
                guard cell.width > 0 else { continue }
                let block = ExportFont.block(cell.character, x: x, y: y)
                let isBold = attributes.contains(.bold)
                if block != nil || cell.width != 1 || run.color != front || run.isBold != isBold
                    || run.x + run.text.count * width != x
                {
                    parts += end()
                    run = ("", x, front, isBold)
                }
                switch block {
                case .ink(let rects): parts += rects.map { .fill($0, front) }
                case .shade(let part):
                    parts.append(.fill(ExportRect(x: x, y: y, width: width, height: height), front.mixed(part, over: back)))
                case nil: run.text.append(cell.character)
                }
                if cell.width != 1 {
                    parts += end()
                    run.text = ""
                }
                if attributes.contains(.underline) {
                    parts.append(.fill(ExportRect(x: x, y: y + height - 1, width: width, height: 1), front))
                }
            }
            parts += end()
        }
    }

    // MARK: Pixels

    /// Row-major, `height * scale` rows of `width * scale` pixels of red, green and blue.
    public func rgb(scale: Int = 1) -> [UInt8] {
        let scale = max(1, scale), stride = width * scale
        var pixels = [UInt8](repeating: 0, count: stride * height * scale * 3)
        func paint(_ rect: ExportRect, _ color: ExportColor) {
            let columns = max(0, rect.x) * scale..<max(max(0, rect.x), min(rect.x + rect.width, width)) * scale
            let rows = max(0, rect.y) * scale..<max(max(0, rect.y), min(rect.y + rect.height, height)) * scale
            for y in rows {
                for x in columns {
                    let place = (y * stride + x) * 3
                    pixels[place] = color.red
                    pixels[place + 1] = color.green
                    pixels[place + 2] = color.blue
                }
            }
        }
        paint(ExportRect(x: 0, y: 0, width: width, height: height), ground)
        for part in parts {
            switch part {
            case .fill(let rect, let color): paint(rect, color)
            case .mosaic(let x, let y, let side, let columns, let colors):
                for (place, color) in colors.enumerated() {
                    paint(
                        ExportRect(x: x + place % columns * side, y: y + place / columns * side, width: side, height: side), color)
                }
            case .text(let text, let x, let y, let color, _):
                for dot in Self.dots(of: text, x: x, y: y) { paint(dot, color) }
            }
        }
        return pixels
    }

    /// One pixel each. Bold looks like the rest: letters one dot apart would run together.
    private static func dots(of text: String, x: Int, y: Int) -> [ExportRect] {
        var dots: [ExportRect] = [], left = x
        for glyph in TextWidth.glyphs(of: text) {
            for (column, bits) in ExportFont.columns(of: glyph.character).enumerated() {
                for row in 0..<8 where bits & (1 << UInt8(row)) != 0 {
                    dots.append(ExportRect(x: left + column, y: y + ExportFont.top + row, width: 1, height: 1))
                }
            }
            left += glyph.width * ExportFont.cellWidth
        }
        return dots
    }

    // MARK: SVG

    /// A stand-alone SVG 1.1 document. `title` and `description` are for readers that do not see it.
    public func svg(title: String = "", description: String = "") -> String {
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\">"
        ]
        if !title.isEmpty { lines.append("<title>\(Self.escaped(title))</title>") }
        if !description.isEmpty { lines.append("<desc>\(Self.escaped(description))</desc>") }
        lines.append("<g shape-rendering=\"crispEdges\" font-family=\"monospace\" font-size=\"10\">")
        lines.append(Self.element(ExportRect(x: 0, y: 0, width: width, height: height), ground))
        for part in parts {
            switch part {
            case .fill(let rect, let color): lines.append(Self.element(rect, color))
            case .mosaic(let x, let y, let side, let columns, let colors):
                lines += Self.paths(x: x, y: y, side: side, columns: columns, colors)
            case .text(let text, let x, let y, let color, let isBold):
                // Stretched to the cells it has on the screen, whatever font there is.
                let length = TextWidth.of(text) * ExportFont.cellWidth
                lines.append(
                    "<text x=\"\(x)\" y=\"\(y + ExportFont.top + 7)\" textLength=\"\(length)\" lengthAdjust=\"spacingAndGlyphs\" "
                        + "xml:space=\"preserve\" fill=\"\(color.hex)\"\(isBold ? " font-weight=\"bold\"" : "")>\(Self.escaped(text))</text>"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n</g>\n</svg>\n"
    }

    private static func element(_ rect: ExportRect, _ color: ExportColor) -> String {
        "<rect x=\"\(rect.x)\" y=\"\(rect.y)\" width=\"\(rect.width)\" height=\"\(rect.height)\" fill=\"\(color.hex)\"/>"
    }

    /// One path for each colour, neighbours in a row joined: thousands of tiles stay a small file.
    private static func paths(x: Int, y: Int, side: Int, columns: Int, _ colors: [ExportColor]) -> [String] {
        var order: [ExportColor] = [], strokes: [ExportColor: String] = [:]
        var place = 0
        while place < colors.count {
            let color = colors[place], rowEnd = (place / columns + 1) * columns
            var end = place + 1
            while end < min(rowEnd, colors.count), colors[end] == color { end += 1 }
            if strokes[color] == nil { order.append(color) }
            strokes[color, default: ""] +=
                "M\(x + place % columns * side) \(y + place / columns * side)h\((end - place) * side)v\(side)h-\((end - place) * side)z"
            place = end
        }
        return order.map { "<path fill=\"\($0.hex)\" d=\"\(strokes[$0] ?? "")\"/>" }
    }

    /// `text` for XML: marks as entities, what XML or a terminal would choke on as stand-ins.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in TextWidth.visible(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // No document may hold noncharacters.
            case _ where scalar.properties.isNoncharacterCodePoint: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
