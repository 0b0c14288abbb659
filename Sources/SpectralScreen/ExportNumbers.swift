// A heatmap's numbers as text: every value as exact as it is held, with everything its legend says.
//
// Guarantees: a finite value reads back as the very float; nothing is merged, clipped or masked away, only marked;
// no control character gets out.

/// Something a reader of exported numbers should know: the question, the checkpoint's hash.
public struct ExportFact: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension Heatmap {
    /// What the legend says, and then `facts`.
    func facts(_ facts: [ExportFact]) -> [ExportFact] {
        var all = [ExportFact("title", title)]
        if !unit.isEmpty { all.append(ExportFact("unit", unit)) }
        all.append(ExportFact("rows", "\(rows)"))
        all.append(ExportFact("columns", "\(columns)"))
        switch scale {
        case .linear(let minimum, let maximum):
            all.append(ExportFact("scale", "linear"))
            all.append(ExportFact("minimum", "\(minimum)"))
            all.append(ExportFact("maximum", "\(maximum)"))
            if magnitudeFloor > 0 { all.append(ExportFact("magnitude floor", "\(magnitudeFloor)")) }
        case .decibel(let floor, let reference):
            all.append(ExportFact("scale", "decibel"))
            all.append(ExportFact("floor", "\(min(floor, Heatmap.leastFloor)) dB"))
            all.append(ExportFact("0 dB", "\(reference)"))
        case .phase(let floor):
            all.append(ExportFact("scale", "phase, radians"))
            all.append(ExportFact("magnitude floor", "\(floor)"))
        case .percentile(let ranks):
            all.append(ExportFact("scale", ranks.isSigned ? "percentile of the magnitude" : "percentile"))
            for percent in [0, 50, 100] { all.append(ExportFact("\(percent) %", "\(ranks.quantile(Double(percent) / 100))")) }
            if magnitudeFloor > 0 { all.append(ExportFact("magnitude floor", "\(magnitudeFloor)")) }
        }
        return all + facts
    }

    /// One line for each value: row, column, their labels, value, decibels or percentile on such a scale, magnitude where
    /// there is one, and how the picture shows it (shown, clipped low, clipped high, masked, not finite).
    ///
    /// Lines that begin with `#` come first and hold `facts` and what the legend says; leave them out with
    /// `hasFacts` for readers that know no comments.
    public func csv(facts: [ExportFact] = [], hasFacts: Bool = true) -> String {
        var text = ""
        if hasFacts {
            for fact in self.facts(facts) {
                text += "# \(TextWidth.visible(fact.name)): \(TextWidth.visible(fact.value))\r\n"
            }
        }
        var reference: Float?, ranks: RankScale?
        if case .decibel(_, let value) = scale { reference = value }
        if case .percentile(let all) = scale { ranks = all }
        var header = ["row", "column", "row_label", "column_label", "value"]
        if reference != nil { header.append("decibel") }
        if ranks != nil { header.append("percentile") }
        if !magnitudes.isEmpty { header.append("magnitude") }
        header.append("shown")
        var lines: [[String]] = []
        lines.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns {
                let value = value(row: row, column: column)
                var line = [
                    "\(row)", "\(column)", row < rowLabels.count ? rowLabels[row] : "",
                    column < columnLabels.count ? columnLabels[column] : "", "\(value)",
                ]
                if let reference { line.append("\(Figure.decibels(Double(value) / Double(reference)))") }
                if let ranks { line.append(value.isFinite ? "\(ranks.rank(value) * 100)" : "") }
                if !magnitudes.isEmpty { line.append("\(magnitude(row: row, column: column))") }
                line.append(word(row: row, column: column))
                lines.append(line)
            }
        }
        return text + ExportTable(header: header, rows: lines).csv()
    }

    private func word(row: Int, column: Int) -> String {
        switch shade(value: value(row: row, column: column), magnitude: magnitude(row: row, column: column)) {
        case .fraction: "shown"
        case .clippedLow: "clipped low"
        case .clippedHigh: "clipped high"
        case .masked: "masked"
        case .notFinite: "not finite"
        }
    }

    /// One object on one line: title, unit, rows, columns, rowLabels, columnLabels, scale, values and magnitudes
    /// (a list for each row; null for what is not finite, which notFinite names), facts.
    public func json(facts: [ExportFact] = []) -> String {
        let scaleMembers: [(String, String)] = switch scale {
        case .linear(let minimum, let maximum):
            [
                ("kind", JSONText.string("linear")), ("minimum", JSONText.number(minimum)),
                ("maximum", JSONText.number(maximum)), ("magnitudeFloor", JSONText.number(magnitudeFloor)),
            ]
        case .decibel(let floor, let reference):
            [
                ("kind", JSONText.string("decibel")), ("floor", JSONText.number(min(floor, Heatmap.leastFloor))),
                ("reference", JSONText.number(reference)),
            ]
        case .phase(let floor): [("kind", JSONText.string("phase")), ("magnitudeFloor", JSONText.number(floor))]
        case .percentile(let ranks):
            [
                ("kind", JSONText.string("percentile")), ("ofMagnitude", ranks.isSigned ? "true" : "false"),
                ("quantiles", JSONText.list([0, 0.5, 1].map { JSONText.number(ranks.quantile($0)) })),
                ("magnitudeFloor", JSONText.number(magnitudeFloor)),
            ]
        }
        var odd: [String] = []
        let values = (0..<rows).map { row in
            JSONText.list((0..<columns).map { column in
                let value = value(row: row, column: column)
                if !value.isFinite { odd.append(JSONText.list(["\(row)", "\(column)", JSONText.string("\(value)")])) }
                return JSONText.number(value)
            })
        }
        var members = [
            ("title", JSONText.string(title)), ("unit", JSONText.string(unit)), ("rows", "\(rows)"),
            ("columns", "\(columns)"), ("rowLabels", JSONText.list(rowLabels.map { JSONText.string($0) })),
            ("columnLabels", JSONText.list(columnLabels.map { JSONText.string($0) })),
            ("scale", JSONText.object(scaleMembers)), ("values", JSONText.list(values)), ("notFinite", JSONText.list(odd)),
        ]
        if !magnitudes.isEmpty {
            let rows = (0..<rows).map { row in
                JSONText.list((0..<columns).map { JSONText.number(magnitude(row: row, column: $0)) })
            }
            members.append(("magnitudes", JSONText.list(rows)))
        }
        members.append(("facts", JSONText.object(facts.map { ($0.name, JSONText.string($0.value)) })))
        return JSONText.object(members) + "\n"
    }
}

/// Pieces of JSON text. Whatever could act on a terminal is spelled as an escape.
enum JSONText {
    static func list(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(string($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    /// The shortest figures that read back as this very float; null when it is not finite.
    static func number(_ value: Float) -> String { value.isFinite ? "\(value)" : "null" }

    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                result.append("\\")
                result.unicodeScalars.append(scalar)
            default:
                if scalar.actsOnTerminal { result += scalar.jsonEscape } else { result.unicodeScalars.append(scalar) }
            }
        }
        return result + "\""
    }
}

extension Unicode.Scalar {
    /// Whether a terminal, or what draws text, might do something else with it than show it.
    public var actsOnTerminal: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: true
        default: false
        }
    }

    /// A backslash, `u` and four hexadecimal digits for each of its UTF-16 units.
    public var jsonEscape: String {
        String(self).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
