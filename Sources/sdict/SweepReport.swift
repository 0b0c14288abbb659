import ArgumentParser
import Foundation
import SpectralFormats
import SpectralLens
import SpectralScreen

/// How a sweep is written.
enum SweepFormat: String, ExpressibleByArgument, CaseIterable {
    case text, csv, markdown, json
}

/// A sweep as text, CSV, Markdown or JSON. CSV and JSON hold every digit under the same names.
enum SweepReport {
    static func text(_ sweep: ComparisonSweep, as format: SweepFormat) throws -> String {
        switch format {
        case .text: TextTable.aligned(rounded(sweep.rows)).map { $0 + "\n" }.joined()
        case .markdown: table(rounded(sweep.rows)).markdown { $0 > 0 } + "\n"
        case .csv: table(exact(sweep.rows)).csv()
        case .json: try json(sweep)
        }
    }

    private static func table(_ rows: [[String]]) -> ExportTable { ExportTable(header: rows[0], rows: Array(rows.dropFirst())) }

    private static func json(_ sweep: ComparisonSweep) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(sweep), as: UTF8.self) + "\n"
    }

    private static func rounded(_ rows: [SweepRow]) -> [[String]] {
        func percent(_ x: Double) -> String { String(format: "%.1f %%", 100 * x) }
        return [
            [
                "checkpoint", "kind", "K", "questions", "images", "VQA accuracy", "agreement", "answer p", "ms", "GFLOPs",
                "state bytes", "reconstruction error",
            ]
        ]
            + rows.map { row in
                [
                    row.checkpoint.printable, row.kind.rawValue, "\(row.k)", "\(row.questions)", "\(row.images)",
                    row.accuracy.map(percent) ?? "-", percent(row.agreement), String(format: "%.3f", row.probability),
                    String(format: "%.2f", row.milliseconds), String(format: "%.5f", row.gflops), "\(row.stateBytes)",
                    row.reconstructionError.map { String(format: "%.4f", $0) } ?? "-",
                ]
            }
    }

    private static func exact(_ rows: [SweepRow]) -> [[String]] {
        [
            [
                "checkpoint", "kind", "k", "questions", "images", "accuracy", "agreement", "probability", "milliseconds",
                "gflops", "stateBytes", "reconstructionError",
            ]
        ]
            + rows.map { row in
                [
                    row.checkpoint.printable, row.kind.rawValue, "\(row.k)", "\(row.questions)", "\(row.images)",
                    row.accuracy.map { "\($0)" } ?? "", "\(row.agreement)", "\(row.probability)", "\(row.milliseconds)",
                    "\(row.gflops)", "\(row.stateBytes)", row.reconstructionError.map { "\($0)" } ?? "",
                ]
            }
    }
}
