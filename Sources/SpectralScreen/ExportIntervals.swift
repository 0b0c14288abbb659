// Estimates with their intervals as a picture: rows of what was measured, panels of what was done.

/// Points with intervals over one linear axis, in panels side by side.
public struct IntervalChart: Hashable, Sendable {
    /// What an estimate shows, which gives it its colour.
    public enum Sense: Int, Hashable, Sendable, CaseIterable {
        case above, below, unclear, unmatched
    }

    public struct Estimate: Hashable, Sendable {
        public var value: Double
        public var low: Double
        public var high: Double
        public var sense: Sense

        public init(value: Double, low: Double, high: Double, sense: Sense) {
            self.value = value
            self.low = low
            self.high = high
            self.sense = sense
        }
    }

    public struct Panel: Hashable, Sendable {
        public var title: String
        /// One for each row of the chart; nil where there is none.
        public var estimates: [Estimate?]

        public init(_ title: String, _ estimates: [Estimate?]) {
            self.title = title
            self.estimates = estimates
        }
    }

    public var title: String
    public var unit: String
    public var rows: [String]
    public var panels: [Panel]
    /// What each sense means, in words.
    public var legend: [String]

    /// - Parameter legend: in the order of `Sense.allCases`.
    public init(title: String, unit: String, rows: [String], panels: [Panel], legend: [String]) {
        self.title = title
        self.unit = unit
        self.rows = rows
        self.panels = panels
        self.legend = legend
    }

    /// The ends of the axis: zero and all intervals lie within, in whole steps of `step`.
    var axis: (low: Double, high: Double, step: Double) {
        let known = panels.flatMap(\.estimates).compactMap { $0 }.flatMap { [$0.low, $0.value, $0.high] }.filter(\.isFinite)
        let low = min(0, known.min() ?? 0), high = max(0, known.max() ?? 1)
        let span = max(high - low, 1e-6)
        // The largest of 1, 2 and 5 times a power of ten that leaves at least three steps.
        var step = ChartMath.power(Int((ChartMath.log10(span)).rounded(.down)) + 1)
        for factor in [0.5, 0.4, 0.5, 0.5, 0.4, 0.5, 0.5] where span / step < 3 { step *= factor }
        return ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step, step)
    }
}

extension ExportPicture {
    /// Room for the halves of two labels.
    private static let panelGap = 6 * ExportFont.cellWidth

    private static func color(_ sense: IntervalChart.Sense) -> ExportColor {
        switch sense {
        case .above: ChartColor.of(1)
        case .below: ChartColor.of(0)
        case .unclear: ChartColor.of(6)
        case .unmatched: ChartColor.of(3)
        }
    }

    /// - Parameter captions: lines under it.
    public init(_ chart: IntervalChart, look: Look = Look(theme: .light), captions: [String] = []) {
        let (letter, line) = (ExportFont.cellWidth, ExportFont.cellHeight), margin = 12, height = 14, plot = 168
        let widest = max(chart.rows.map { TextWidth.of($0) }.max() ?? 0, 4), left = margin + (widest + 1) * letter
        let top = margin + 3 * line + 6, bottom = top + chart.rows.count * height
        let below = bottom + 3 * line, lines = chart.legend.count + captions.count
        let letters = max(
            TextWidth.of(chart.title), captions.map { TextWidth.of($0) }.max() ?? 0,
            (chart.legend.map { TextWidth.of($0) }.max() ?? 0) + 5)
        self.init(
            width: max(left + chart.panels.count * (plot + Self.panelGap), 2 * margin + letters * letter) + margin,
            height: below + lines * line + margin, theme: look.theme)
        write(chart.title, x: margin, y: margin, .title, look)
        for (row, name) in chart.rows.enumerated() {
            let shown = TextWidth.padded(name, to: widest, atRight: true)
            write(shown, x: margin, y: top + row * height + (height - line) / 2, .plain, look)
        }
        let axis = chart.axis
        for (place, panel) in chart.panels.enumerated() {
            let x = left + place * (plot + Self.panelGap)
            draw(panel, axis, in: ExportRect(x: x, y: top, width: plot, height: bottom - top), rowHeight: height, look)
        }
        write(chart.unit, x: left, y: bottom + line + 6, .plain, look)
        for (place, text) in chart.legend.enumerated() {
            let y = below + place * line
            if let sense = IntervalChart.Sense(rawValue: place) {
                parts.append(.fill(ExportRect(x: margin, y: y + 5, width: 3 * letter, height: 1), Self.color(sense)))
                parts.append(.fill(ExportRect(x: margin + letter + 1, y: y + 3, width: 5, height: 5), Self.color(sense)))
            }
            write(text, x: margin + 5 * letter, y: y, .plain, look)
        }
        for (place, caption) in captions.enumerated() {
            write(caption, x: margin, y: below + (chart.legend.count + place) * line, .muted, look)
        }
    }

    private mutating func draw(
        _ panel: IntervalChart.Panel, _ axis: (low: Double, high: Double, step: Double), in plot: ExportRect, rowHeight: Int,
        _ look: Look
    ) {
        let (letter, line) = (ExportFont.cellWidth, ExportFont.cellHeight)
        func pixel(_ value: Double) -> Int {
            let part = (value - axis.low) / max(axis.high - axis.low, 1e-9)
            return plot.x + Int((min(1, max(0, part)) * Double(plot.width - 1)).rounded())
        }
        write(panel.title, x: plot.x, y: plot.y - line - 6, .title, look)
        let steps = max(1, Int(((axis.high - axis.low) / axis.step).rounded())), zero = Int((-axis.low / axis.step).rounded())
        func label(_ i: Int) -> String { i == zero ? "0" : Figure.short(Double(i - zero) * axis.step) }
        // As many labels as do not touch, zero among them.
        let widest = (0...steps).map { TextWidth.of(label($0)) + 1 }.max() ?? 1
        let every = (widest * letter * steps + plot.width - 1) / plot.width
        for i in 0...steps {
            let value = Double(i - zero) * axis.step, isZero = i == zero
            let faint = ink.mixed(isZero ? 0.7 : 0.12, over: ground)
            parts.append(.fill(ExportRect(x: pixel(value), y: plot.y - 2, width: 1, height: plot.height + 4), faint))
            guard (i - zero) % every == 0 else { continue }
            let text = label(i)
            write(text, x: pixel(value) - TextWidth.of(text) * letter / 2, y: plot.y + plot.height + 4, .plain, look)
        }
        for (row, estimate) in panel.estimates.enumerated() {
            guard let estimate, estimate.value.isFinite, estimate.low.isFinite, estimate.high.isFinite else { continue }
            let y = plot.y + row * rowHeight + rowHeight / 2, color = Self.color(estimate.sense)
            let from = pixel(estimate.low), to = pixel(estimate.high)
            parts.append(.fill(ExportRect(x: from, y: y, width: to - from + 1, height: 1), color))
            for end in [from, to] { parts.append(.fill(ExportRect(x: end, y: y - 2, width: 1, height: 5), color)) }
            parts.append(.fill(ExportRect(x: pixel(estimate.value) - 2, y: y - 2, width: 5, height: 5), color))
        }
    }
}
