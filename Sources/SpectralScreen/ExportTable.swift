// Tables as text that other programs read.
//
// Guarantees: CSV is RFC 4180, so that every field reads back as it was; a Markdown table has the columns of its
// header, whatever marks its cells hold; neither lets a control character out.

/// A header and rows of text. Rows may be shorter or longer than the header.
public struct ExportTable: Hashable, Sendable {
    public var header: [String]
    public var rows: [[String]]

    public init(header: [String], rows: [[String]]) {
        self.header = header
        self.rows = rows
    }

    /// Lines end in CR LF, as the standard has it. Control characters in fields come out as their pictures.
    public func csv() -> String {
        ([header] + rows).map { $0.map(Self.csvField).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A pipe table as GitHub draws it; texts show as they are written here, marks and all.
    ///
    /// - Parameter isAtRight: whether a column stands at the right, as numbers do.
    public func markdown(isAtRight: (Int) -> Bool = { _ in false }) -> String {
        func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
        var lines = [line(header.map { Self.markdownText($0) }), line(header.indices.map { isAtRight($0) ? "---:" : "---" })]
        for row in rows { lines.append(line(header.indices.map { $0 < row.count ? Self.markdownText(row[$0]) : "" })) }
        return lines.joined(separator: "\n")
    }

    static func csvField(_ text: String) -> String {
        let shown = TextWidth.visible(text)
        let isQuoted = shown.unicodeScalars.contains { $0 == "," || $0 == "\"" } || shown.hasPrefix(" ") || shown.hasSuffix(" ")
        guard isQuoted else { return shown }
        // By scalars: Swift takes a quote with a combining mark for one character of its own.
        var text = "\"".unicodeScalars
        for scalar in shown.unicodeScalars { text.append(contentsOf: scalar == "\"" ? [scalar, scalar] : [scalar]) }
        return String(text) + "\""
    }

    /// `text` so that Markdown shows it letter by letter: marks escaped, line breaks as pictures.
    public static func markdownText(_ text: some StringProtocol) -> String {
        var result = ""
        for character in TextWidth.visible(text) {
            if marks.contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    private static let marks: Set<Character> = ["\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "~", "&", "!"]
}
