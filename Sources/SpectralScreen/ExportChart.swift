// Charts as pictures: lines over logarithmic axes.
//
// Guarantees: SVG and pixels show the same rectangles, as in every picture; a value that is not a positive number is left
// out, never drawn at an edge; axes reach over all values and their ends are written.

/// Points over two logarithmic axes, in series joined by lines.
public struct LineChart: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        public var x: Double
        public var y: Double

        public init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    public struct Series: Hashable, Sendable {
        public var name: String
        public var points: [Point]

        public init(_ name: String, _ points: [Point]) {
            self.name = name
            self.points = points
        }

        /// Those that have logarithms, by rising x.
        var drawable: [Point] {
            points.filter { $0.x > 0 && $0.y > 0 && $0.x.isFinite && $0.y.isFinite }.sorted { $0.x < $1.x }
        }
    }

    /// A mark of the horizontal axis.
    public struct Tick: Hashable, Sendable {
        public var value: Double
        public var label: String

        public init(_ value: Double, _ label: String) {
            self.value = value
            self.label = label
        }
    }

    public var title: String
    public var xTitle: String
    public var yTitle: String
    public var xTicks: [Tick]
    public var series: [Series]

    public init(title: String, xTitle: String, yTitle: String, xTicks: [Tick], series: [Series]) {
        self.title = title
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.xTicks = xTicks
        self.series = series
    }
}

/// Colours that people with any colour vision tell apart, on white and on black. Source: Okabe and Ito, "Color universal
/// design" (2008), without their yellow and black.
enum ChartColor {
    static let all = [
        ExportColor(red: 0, green: 114, blue: 178), ExportColor(red: 213, green: 94, blue: 0),
        ExportColor(red: 0, green: 158, blue: 115), ExportColor(red: 204, green: 121, blue: 167),
        ExportColor(red: 86, green: 180, blue: 233), ExportColor(red: 230, green: 159, blue: 0),
        ExportColor(red: 128, green: 128, blue: 128),
    ]

    static func of(_ place: Int) -> ExportColor { all[place % all.count] }
}

/// A logarithmic axis over whole decades or between two values.
struct LogAxis {
    let low: Double
    let high: Double
    let start: Int
    let end: Int

    /// Pixels `start` to `end`, in either direction.
    init(_ values: [Double], wholeDecades: Bool, from start: Int, to end: Int) {
        var low = ChartMath.log10(values.min() ?? 1), high = ChartMath.log10(values.max() ?? 10)
        if wholeDecades {
            low = low.rounded(.down)
            high = high.rounded(.up)
        }
        if high - low < 1e-9 { high = low + 1 }
        self.low = low
        self.high = high
        self.start = start
        self.end = end
    }

    func pixel(_ value: Double) -> Int {
        start + Int(((ChartMath.log10(value) - low) / (high - low) * Double(end - start)).rounded())
    }

    /// Exponents of ten on the axis, no more than about eight.
    var decades: [Int] {
        let all = Array(Int(low.rounded(.up))...max(Int(low.rounded(.up)), Int(high.rounded(.down))))
        let step = (all.count + 7) / 8
        return all.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    }
}

extension ExportPicture {
    private static let plotWidth = 330
    private static let plotHeight = 270

    /// Charts side by side, with one legend for the series of all.
    ///
    /// - Parameter captions: lines under it, such as the command and the machine.
    public init(charts: [LineChart], look: Look = Look(theme: .light), captions: [String] = []) {
        let (letter, line) = (ExportFont.cellWidth, ExportFont.cellHeight), margin = 12
        let left = 9 * letter, panel = left + Self.plotWidth + 3 * letter, top = margin + 3 * line
        var names: [String] = []
        for series in charts.flatMap(\.series) where !names.contains(series.name) { names.append(series.name) }
        let bottom = top + Self.plotHeight, legend = bottom + 3 * line + 4
        let letters = captions.map { TextWidth.of($0) }.max() ?? 0
        self.init(
            width: max(2 * margin + max(1, charts.count) * panel, 2 * margin + letters * letter),
            height: legend + (names.count + captions.count + 1) * line + margin, theme: look.theme)
        for (place, chart) in charts.enumerated() {
            let x = margin + place * panel + left
            draw(chart, names: names, plot: ExportRect(x: x, y: top, width: Self.plotWidth, height: Self.plotHeight), look)
        }
        for (place, name) in names.enumerated() {
            let y = legend + place * line + line / 2
            let from = margin + letter
            drawLine(from: (from, y), to: (from + 4 * letter, y), ChartColor.of(place))
            mark(place, x: from + 2 * letter, y: y)
            write(name, x: from + 6 * letter, y: y - line / 2, .plain, look)
        }
        for (place, caption) in captions.enumerated() {
            write(caption, x: margin + letter, y: legend + (names.count + place) * line + line / 2, .muted, look)
        }
    }

    private mutating func draw(_ chart: LineChart, names: [String], plot: ExportRect, _ look: Look) {
        let (letter, line) = (ExportFont.cellWidth, ExportFont.cellHeight)
        let points = chart.series.flatMap(\.drawable)
        let right = plot.x + plot.width, bottom = plot.y + plot.height
        let xAxis = LogAxis(points.map(\.x) + chart.xTicks.map(\.value), wholeDecades: false, from: plot.x + 8, to: right - 8)
        let yAxis = LogAxis(points.map(\.y), wholeDecades: true, from: bottom - 4, to: plot.y + 4)
        let faint = ink.mixed(0.15, over: ground)
        write(chart.title, x: plot.x, y: plot.y - 3 * line, .title, look)
        write(chart.yTitle, x: plot.x - 8 * letter, y: plot.y - line - 6, .plain, look)
        for decade in yAxis.decades {
            let y = yAxis.pixel(ChartMath.power(decade))
            parts.append(.fill(ExportRect(x: plot.x, y: y, width: plot.width, height: 1), faint))
            let label = ChartMath.label(decade)
            write(label, x: plot.x - (label.count + 1) * letter, y: y - line / 2, .plain, look)
        }
        for tick in chart.xTicks {
            let x = xAxis.pixel(tick.value)
            parts.append(.fill(ExportRect(x: x, y: plot.y, width: 1, height: plot.height), faint))
            write(tick.label, x: x - TextWidth.of(tick.label) * letter / 2, y: bottom + 3, .plain, look)
        }
        write(chart.xTitle, x: plot.x + (plot.width - TextWidth.of(chart.xTitle) * letter) / 2, y: bottom + line + 6, .plain, look)
        parts.append(.fill(ExportRect(x: plot.x, y: bottom, width: plot.width, height: 1), ink))
        parts.append(.fill(ExportRect(x: plot.x, y: plot.y, width: 1, height: plot.height), ink))
        for series in chart.series {
            let place = names.firstIndex(of: series.name) ?? 0
            let pixels = series.drawable.map { (xAxis.pixel($0.x), yAxis.pixel($0.y)) }
            for (from, to) in zip(pixels, pixels.dropFirst()) { drawLine(from: from, to: to, ChartColor.of(place)) }
            for (x, y) in pixels { mark(place, x: x, y: y) }
        }
    }

    /// Two pixels thick, as runs of rectangles along the longer axis.
    mutating func drawLine(from a: (Int, Int), to b: (Int, Int), _ color: ExportColor) {
        let across = abs(b.0 - a.0) >= abs(b.1 - a.1)
        // Along the longer axis first, whatever its direction.
        let (start, end) = (across ? a.0 <= b.0 : a.1 <= b.1) ? (a, b) : (b, a)
        let length = across ? end.0 - start.0 : end.1 - start.1
        let rise = across ? end.1 - start.1 : end.0 - start.0
        func side(_ step: Int) -> Int { length == 0 ? 0 : Int((Double(rise) * Double(step) / Double(length)).rounded()) }
        var first = 0
        while first <= length {
            var last = first
            while last < length, side(last + 1) == side(first) { last += 1 }
            let run = last - first + 1, shift = side(first)
            parts.append(
                .fill(
                    across
                        ? ExportRect(x: start.0 + first, y: start.1 + shift, width: run, height: 2)
                        : ExportRect(x: start.0 + shift, y: start.1 + first, width: 2, height: run), color))
            first = last + 1
        }
    }

    /// One of four shapes about a point: full square, hollow square, diamond, cross.
    mutating func mark(_ place: Int, x: Int, y: Int) {
        let color = ChartColor.of(place)
        func fill(_ dx: Int, _ dy: Int, _ width: Int, _ height: Int, _ color: ExportColor) {
            parts.append(.fill(ExportRect(x: x + dx, y: y + dy, width: width, height: height), color))
        }
        switch place % 4 {
        case 0: fill(-3, -3, 7, 7, color)
        case 1:
            fill(-3, -3, 7, 7, color)
            fill(-1, -1, 3, 3, ground)
        case 2: for row in -4...4 { fill(-4 + abs(row), row, 9 - 2 * abs(row), 1, color) }
        default:
            fill(-4, -1, 9, 3, color)
            fill(-1, -4, 3, 9, color)
        }
    }
}

/// Logarithms without a library of mathematics: axes need no more than this.
enum ChartMath {
    /// Of a positive number, to about 1e-12.
    static func log10(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return 0 }
        // value = s 2^e with s in 1 ..< 2; ln s = 2 artanh((s - 1) / (s + 1)), a series whose terms fall ninefold.
        let s = value.significand, z = (s - 1) / (s + 1)
        var power = z, sum = 0.0
        for n in stride(from: 1, through: 31, by: 2) {
            sum += power / Double(n)
            power *= z * z
        }
        let ln2 = 0.693_147_180_559_945_3, ln10 = 2.302_585_092_994_045_7
        return (Double(value.exponent) * ln2 + 2 * sum) / ln10
    }

    static func power(_ exponent: Int) -> Double {
        (0..<abs(exponent)).reduce(1.0) { value, _ in exponent < 0 ? value / 10 : value * 10 }
    }

    /// 0.01, 1, 1000, 1e6.
    static func label(_ exponent: Int) -> String {
        switch exponent {
        case 0...4: "1" + String(repeating: "0", count: exponent)
        case -3 ..< 0: "0." + String(repeating: "0", count: -exponent - 1) + "1"
        default: "1e\(exponent)"
        }
    }
}
