// What stands under a heatmap: its legend, the value at the cursor, and what the picture does not show as it is.
//
// Guarantees: the legend names scale and bounds in any width that holds them; the readout is the value as it is held.

/// A piece of a legend: words, or one step of the ramp.
enum LegendPart: Hashable {
    case text(String, Style)
    case step(HeatmapShade)

    var columns: Int {
        switch self {
        case .text(let text, _): TextWidth.of(text)
        case .step: 1
        }
    }
}

extension Heatmap {
    /// The exact value under the cursor with its row and column, both with their labels unless `isShort`.
    public func readout(row: Int, column: Int, isShort: Bool = false) -> String {
        func name(_ index: Int, _ labels: [String]) -> String {
            index >= 0 && index < labels.count && labels[index] != String(index) ? "\(index) (\(labels[index]))" : "\(index)"
        }
        let place =
            isShort
            ? "r\(row) c\(column): " : "row \(name(row, rowLabels)) col \(name(column, columnLabels)): "
        let value = value(row: row, column: column)
        guard row >= 0, row < rows, column >= 0, column < columns else { return place + "outside" }
        guard !value.isNaN else { return place + "not a number" }
        let suffix = unit.isEmpty ? "" : " \(unit)"
        let weak = isMasked(row: row, column: column) ? ", masked: magnitude \(magnitude(row: row, column: column))" : ""
        switch scale {
        case .linear: return place + "\(value)" + suffix + weak
        case .percentile(let ranks):
            guard weak.isEmpty else { return place + "\(value)" + suffix + weak }
            return place + "\(value)" + suffix + " at \(Figure.fixed(Double(ranks.rank(value)) * 100, 1))%"
        case .decibel(_, let reference):
            let decibels = Figure.decibels(Double(value) / Double(reference))
            return place + "\(value)" + suffix + " = \(Figure.fixed(decibels, 2)) dB"
        case .phase:
            let degrees = Figure.fixed(Double(value) * 180 / .pi, 1)
            let strength = magnitudes.isEmpty ? "" : ", magnitude \(magnitude(row: row, column: column))"
            return place + "\(value) rad = \(degrees) deg" + strength
        }
    }

    /// What the picture does not show as it is; empty if it shows everything. In fewer words where there are not so
    /// many `columns`.
    func note(_ geometry: HeatmapGeometry, clipped: Int, masked: Int, notFinite: Int, columns: Int = .max) -> String {
        func parts(isShort: Bool) -> String {
            var parts: [String] = []
            if geometry.isMerged {
                let (what, rows, columns) =
                    geometry.isDotted
                    ? ("dot", geometry.dotRows, geometry.dotColumns) : ("cell", geometry.blockRows, geometry.blockColumns)
                parts.append("\(what) = \(effectiveMerge.rawValue) of \(rows)x\(columns)" + (isShort ? "" : " bins"))
            }
            let of = isShort ? "" : " of \(rows * self.columns)"
            if clipped > 0 { parts.append("\(clipped)\(of) clipped") }
            if masked > 0 { parts.append("\(masked)\(of) masked") }
            if notFinite > 0 { parts.append("\(notFinite) not finite (?)") }
            return parts.joined(separator: "; ")
        }
        let full = parts(isShort: false)
        return full.count <= columns ? full : parts(isShort: true)
    }

    /// The legend in as many cells as there are: bounds, ramp and scale first, words where they fit.
    func legendParts(columns: Int, noteMark: Bool) -> [LegendPart] {
        let mark: [LegendPart] = noteMark ? [.text("! ", .warning)] : []
        let room = columns - (noteMark ? 2 : 0)
        let mask = magnitudeFloor > 0 ? ["blank: magnitude < \(Figure.short(magnitudeFloor))"] : []
        let (low, high, names, words): (String, String, [String], [String])
        switch scale {
        case .phase(let floor): return mark + phaseLegend(room, floor)
        case .decibel(let floor, let reference):
            let bound = Figure.short(min(floor, Heatmap.leastFloor))
            (low, high, names, words) = (bound, "0 dB", [], ["floor \(bound) dB, 0 dB = \(Figure.short(reference))"])
        case .linear(let minimum, let maximum):
            (low, high, names, words) = (Figure.short(minimum), Figure.short(maximum), ["linear", "lin"], mask)
        case .percentile(let ranks):
            let largest = Figure.short(ranks.quantile(1))
            (low, high) = (ranks.isSigned ? "-\(largest)" : Figure.short(ranks.quantile(0)), largest)
            let half = Figure.short(ranks.quantile(0.5))
            (names, words) = (
                ["percentile", "%"], [ranks.isSigned ? "50% of magnitudes under \(half)" : "50% under \(half)"] + mask
            )
        }
        // The scale's name gives way to the ramp down to a few steps of it, and only then goes.
        let bare = low.count + high.count + 2
        func isRoom(_ name: String, steps: Int) -> Bool { bare + steps + 1 + name.count <= room }
        let name = names.first { isRoom($0, steps: Self.legendSteps) } ?? names.last.flatMap { isRoom($0, steps: 4) ? $0 : nil }
        let after = name.map { " \($0)" } ?? "", tail = words.joined(separator: ", ")
        let isWordy = room >= bare + 8 + Self.legendSteps + after.count + (tail.isEmpty ? 0 : tail.count + 2)
        let left = isWordy ? "min \(low) " : "\(low) ", right = isWordy ? " max \(high)" : " \(high)"
        let steps = min(Self.legendSteps, max(0, room - left.count - right.count - after.count))
        var parts: [LegendPart] = [.text(left, .plain)]
        for step in 0..<steps { parts.append(.step(.fraction(steps == 1 ? 0.5 : Float(step) / Float(steps - 1)))) }
        parts.append(.text(right, .plain))
        if !after.isEmpty { parts.append(.text(after, .muted)) }
        let used = left.count + steps + right.count + after.count
        if let words = [tail, words.first ?? ""].first(where: { !$0.isEmpty && room >= used + 2 + $0.count }) {
            parts.append(.text("  \(words)", .muted))
        }
        return mark + parts
    }

    private static let legendSteps = 10

    private func phaseLegend(_ room: Int, _ floor: Float) -> [LegendPart] {
        let isWordy = room >= 32
        var parts: [LegendPart] = isWordy ? [] : [.text("0 ", .plain)]
        for step in 0..<8 {
            parts.append(.step(.fraction(Float(step) / 8)))
            if isWordy, step % 2 == 0 { parts.append(.text("\(step * 45)", .muted)) }
            if isWordy { parts.append(.text(" ", .plain)) }
        }
        parts.append(.text(isWordy ? "deg" : " 315 deg", .plain))
        let tail = "  blank: magnitude < \(Figure.short(floor))"
        let used = parts.reduce(0) { $0 + $1.columns }
        if floor > 0, room >= used + tail.count { parts.append(.text(tail, .muted)) }
        return parts
    }

    /// Which column labels can stand over their columns without touching, and where each begins: the cursor's own
    /// first, moved left where it would not fit, then from the left.
    ///
    /// - Parameters:
    ///   - letter: width of a letter in the unit of the places, which is also the least gap.
    ///   - bounds: where labels may stand.
    ///   - every: columns that share one place.
    ///   - place: where a column begins; nil where it is not shown.
    func placedColumnLabels(
        letter: Int, in bounds: Range<Int>, every: Int = 1, cursor: Int?, place: (Int) -> Int?
    ) -> [(column: Int, at: Int)] {
        func span(_ column: Int, mayShift: Bool = false) -> Range<Int>? {
            guard column >= 0, column < min(columns, columnLabels.count), let wanted = place(column) else { return nil }
            let width = TextWidth.of(columnLabels[column]) * letter, last = bounds.upperBound - width
            let start = mayShift ? min(wanted, last) : wanted
            return start >= bounds.lowerBound && start <= last ? start..<start + width : nil
        }
        var placed: [(column: Int, at: Int)] = []
        let taken = cursor.flatMap { span($0, mayShift: true) }
        if let cursor, let taken { placed.append((cursor, taken.lowerBound)) }
        var free = bounds.lowerBound
        for column in stride(from: 0, to: min(columns, columnLabels.count), by: every) where column != cursor || taken == nil {
            guard let range = span(column), range.lowerBound >= free else { continue }
            if let taken, range.lowerBound < taken.upperBound + letter, taken.lowerBound < range.upperBound + letter { continue }
            placed.append((column, range.lowerBound))
            free = range.upperBound + letter
        }
        return placed
    }
}
