// Tables as text that other programs read.

import Foundation

/// Rows of cells, the first row being the header, as CSV or Markdown.
public enum TableText {
    /// RFC 4180: lines end in CR LF; a cell with a comma, a quote or a line break stands in quotes, its quotes doubled.
    public static func csv(_ rows: [[String]]) -> String {
        rows.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A GitHub table, its first column to the left and the others to the right. Pipes are escaped; a line break in a
    /// cell becomes a space, since no cell can hold one.
    public static func markdown(_ rows: [[String]]) -> String {
        guard let header = rows.first else { return "" }
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        let rule = line(header.indices.map { $0 == 0 ? "---" : "---:" })
        return line(header.map(escaped)) + rule + rows.dropFirst().map { line($0.map(escaped)) }.joined()
    }

    private static func quoted(_ cell: String) -> String {
        // By scalars: Swift takes CR LF, or a quote with a combining mark, for one character of its own.
        guard cell.unicodeScalars.contains(where: { [",", "\"", "\r", "\n"].contains($0) }) else { return cell }
        var text = "\""
        for scalar in cell.unicodeScalars {
            if scalar == "\"" { text.unicodeScalars.append(scalar) }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    private static func escaped(_ cell: String) -> String {
        var text = ""
        for scalar in cell.replacingOccurrences(of: "\r\n", with: "\n").unicodeScalars {
            switch scalar {
            case "|": text += "\\|"
            case "\\": text += "\\\\"
            case "\n", "\r": text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
