// Tables of figures for other programs: CSV and JSON hold every digit under the same names, Markdown rounds to be read.
//
// Guarantees: a finite number reads back as the very one; what is not known is an empty field or null, never a zero;
// no control character gets out.

public struct ExportFigures: Hashable, Sendable {
    /// One field.
    public enum Cell: Hashable, Sendable {
        /// There is no such figure.
        case none
        case text(String)
        case whole(Int)
        case single(Float)
        case double(Double)
        case truth(Bool)

        // Labelled, for a compiler has to sort out dozens of them in one literal.
        public init(text: String?) { self = text.map { .text($0) } ?? .none }
        public init(whole: Int?) { self = whole.map { .whole($0) } ?? .none }
        public init(single: Float?) { self = single.map { .single($0) } ?? .none }
        public init(double: Double?) { self = double.map { .double($0) } ?? .none }
        public init(truth: Bool?) { self = truth.map { .truth($0) } ?? .none }

        var exact: String {
            switch self {
            case .none: ""
            case .text(let text): text
            case .whole(let number): "\(number)"
            case .single(let number): "\(number)"
            case .double(let number): "\(number)"
            case .truth(let isTrue): "\(isTrue)"
            }
        }

        var rounded: String {
            switch self {
            case .single(let number): Figure.short(number)
            case .double(let number): Figure.short(number)
            case .none, .text, .whole, .truth: exact
            }
        }

        var json: String {
            switch self {
            case .none: "null"
            case .text(let text): JSONText.string(text)
            case .single(let number): JSONText.number(number)
            case .double(let number): number.isFinite ? "\(number)" : "null"
            case .whole, .truth: exact
            }
        }

        var isNumber: Bool {
            switch self {
            case .whole, .single, .double: true
            case .none, .text, .truth: false
            }
        }
    }

    public var title: String
    public var columns: [String]
    /// Rows of as many cells as there are columns; missing ones read as `none`.
    public var rows: [[Cell]]
    /// Tables that belong to it: in JSON and Markdown, where a file holds more than one.
    public var parts: [ExportFigures]

    public init(title: String, columns: [String], rows: [[Cell]], parts: [ExportFigures] = []) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.parts = parts.filter { !$0.rows.isEmpty }
    }

    private func cell(_ row: [Cell], _ column: Int) -> Cell { column < row.count ? row[column] : .none }

    /// RFC 4180 after lines that begin with `#`, which hold title and facts. Of several tables the first.
    public func csv(facts: [ExportFact] = []) -> String {
        var all = [ExportFact("title", title)] + facts
        if !parts.isEmpty { all.append(ExportFact("more in .json and .md", parts.map(\.title).joined(separator: ", "))) }
        let comments = all.map { "# \(TextWidth.visible($0.name)): \(TextWidth.visible($0.value))\r\n" }.joined()
        let table = ExportTable(
            header: columns, rows: rows.map { row in columns.indices.map { cell(row, $0).exact } })
        return comments + table.csv()
    }

    /// One object on one line: title, facts, rows (an object for each), and parts, which are such objects too.
    public func json(facts: [ExportFact] = []) -> String { object(facts: facts) + "\n" }

    private func object(facts: [ExportFact]) -> String {
        let rows = rows.map { row in
            JSONText.object(columns.enumerated().map { ($1, cell(row, $0).json) })
        }
        var members = [("title", JSONText.string(title))]
        if !facts.isEmpty { members.append(("facts", JSONText.object(facts.map { ($0.name, JSONText.string($0.value)) }))) }
        members.append(("columns", JSONText.list(columns.map { JSONText.string($0) })))
        members.append(("rows", JSONText.list(rows)))
        if !parts.isEmpty { members.append(("parts", JSONText.list(parts.map { $0.object(facts: []) }))) }
        return JSONText.object(members)
    }

    /// Headings, facts as a list, tables with three significant digits and numbers to the right. Columns with nothing in
    /// them are left out.
    public func markdown(facts: [ExportFact] = []) -> String {
        var blocks = ["# " + ExportTable.markdownText(title)]
        let list = facts.map { "- \(ExportTable.markdownText($0.name)): \(ExportTable.markdownText($0.value))" }
        if !list.isEmpty { blocks.append(list.joined(separator: "\n")) }
        for (place, table) in ([self] + parts).enumerated() {
            if place > 0 { blocks.append("## " + ExportTable.markdownText(table.title)) }
            let used = table.columns.indices.filter { column in table.rows.contains { !table.cell($0, column).rounded.isEmpty } }
            let isNumber = used.map { column in table.rows.contains { table.cell($0, column).isNumber } }
            let text = ExportTable(
                header: used.map { table.columns[$0] }, rows: table.rows.map { row in used.map { table.cell(row, $0).rounded } })
            blocks.append(text.markdown(isAtRight: { isNumber[$0] }))
        }
        blocks.append("Figures are rounded here; .csv and .json have every digit.")
        return blocks.joined(separator: "\n\n") + "\n"
    }
}
