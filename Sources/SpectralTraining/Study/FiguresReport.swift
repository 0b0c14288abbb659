// Tables of models that differ in K or in one part: what each costs, and what it gets right, over its seeds.

import Foundation

/// A table of `ModelFigures`.
public struct FiguresReport: Codable, Sendable, MeasuredTable {
    /// A model at one K; several runs where it was trained with several seeds.
    public struct Row: Codable, Sendable {
        public enum Kind: String, Codable, Sendable {
            /// The first K atoms of a checkpoint that has more.
            case nested
            /// All of its atoms.
            case trained
            /// It has no atoms.
            case attention
        }

        public var name: String
        public var kind: Kind
        /// Steps behind the weights, if they say.
        public var steps: String?
        /// Training loss at the end of each run, where known.
        public var losses: [Double]
        /// At least one.
        public var runs: [ModelFigures]

        public init(name: String, kind: Kind, steps: String?, losses: [Double] = [], runs: [ModelFigures]) {
            precondition(!runs.isEmpty, "a row of no runs")
            self.name = name
            self.kind = kind
            self.steps = steps
            self.losses = losses
            self.runs = runs
        }
    }

    public let command: String
    public let notes: [String]
    public let rows: [Row]

    public init(command: String, notes: [String], rows: [Row]) {
        self.command = command
        self.notes = notes
        self.rows = rows
    }

    public var table: [[String]] {
        let hasLosses = rows.contains { !$0.losses.isEmpty }
        var names: [String] = []
        for name in rows.flatMap({ $0.runs[0].scores.map(\.name) }) where !names.contains(name) { names.append(name) }
        let header =
            ["", "", "K", "runs", "steps", "parameters", "GFLOPs", "ms", "state bytes"] + (hasLosses ? ["training loss"] : []) + names
        return [header]
            + rows.map { row in
                let first = row.runs[0], kind = row.kind
                return [
                    row.name, kind.rawValue, kind == .attention ? "-" : "\(first.k)", "\(row.runs.count)", row.steps ?? "-",
                    "\(first.parameters)", String(format: "%.4f", first.gflops),
                    String(format: "%.1f", row.runs.map(\.milliseconds).min() ?? 0), "\(first.stateBytes)",
                ]
                    + (hasLosses ? [Self.spread(row.losses, digits: 3)] : [])
                    + names.map { name in
                        let values = row.runs.compactMap { run in run.scores.first { $0.name == name }?.value }
                        return Self.spread(values, digits: name.hasSuffix("%") ? 1 : 3)
                    }
            }
    }

    /// Mean and, of several, sample deviation.
    static func spread(_ values: [Double], digits: Int) -> String {
        guard !values.isEmpty else { return "-" }
        let n = Double(values.count), mean = values.reduce(0, +) / n
        let shown = String(format: "%.\(digits)f", mean)
        guard values.count > 1 else { return shown }
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
        return shown + String(format: " ± %.\(digits)f", deviation)
    }
}
