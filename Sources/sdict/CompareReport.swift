import Foundation
import SpectralLens
import SpectralModel

/// What `sdict compare` prints of one image, as text or as JSON.
struct CompareReport: Encodable {
    let image: String
    let question: String?
    let phrase: String?
    let warnings: [String]
    let columns: [Column]

    init(
        image: String, request: ComparisonRequest, _ comparison: Comparison, withAtoms: Bool, warnings: [String] = []
    ) {
        self.image = image
        question = request.question
        phrase = request.phrase
        self.warnings = warnings
        let first = comparison.columns[0].column
        columns = comparison.columns.enumerated().map { i, column in
            Column(column, matching: withAtoms && i > 0 ? column.column.matching(with: first) : nil)
        }
    }

    /// Milliseconds and pixels are rounded to hundredths.
    struct Column: Encodable {
        let checkpoint: String
        let hash: String
        let preset: String
        let kind: ComparisonColumn.Kind
        let k: Int
        let visionAtoms: Int
        let caption: String?
        let tokens: [ResultJSON.Caption.Token]?
        let answer: String?
        let candidates: [ResultJSON.Answer.Candidate]?
        let box: [Double]?
        let milliseconds: Double
        let visionMilliseconds: Double
        let gflops: Double
        let operations: OperationCount
        let stateBytes: Int
        let reconstructionError: Float?
        let agreement: ColumnAgreement?
        let matching: [AtomMatching]?

        /// All but what text alone is made of.
        private enum CodingKeys: String, CodingKey {
            case checkpoint, hash, preset, kind, k, visionAtoms, caption, tokens, answer, candidates, box, milliseconds
            case visionMilliseconds, gflops, operations, stateBytes, reconstructionError, agreement, matching
        }

        init(_ made: Comparison.Column, matching: [AtomMatching]?) {
            let column = made.column, output = made.output
            checkpoint = column.checkpoint
            hash = column.hash
            preset = column.preset.rawValue
            kind = made.kind
            k = column.k
            visionAtoms = column.visionAtoms
            caption = output.caption?.caption
            tokens = output.caption?.tokens.map { ResultJSON.Caption.Token(text: $0.text, probability: $0.probability) }
            answer = output.answer?.answer
            candidates = output.answer?.candidates.map {
                ResultJSON.Answer.Candidate(answer: $0.text, probability: $0.probability)
            }
            box = output.box?.box.values
            milliseconds = output.milliseconds.rounded(digits: 2)
            visionMilliseconds = output.visionMilliseconds.rounded(digits: 2)
            gflops = output.operations.billions
            operations = output.operations
            stateBytes = output.stateBytes
            reconstructionError = output.reconstructionError
            agreement = made.agreement
            self.matching = matching
            label = column.label.printable
            atoms = column.preset == .attention ? "" : " of \(column.visionAtoms)"
        }

        /// `scenes K 8`; the attention twin has no K.
        let label: String
        /// ` of 34`, after the label.
        let atoms: String

        /// What it put out, a line for each kind.
        var outputs: [String] {
            let answers = candidates?.map { "\($0.answer.printable) \(String(format: "%.3f", $0.probability))" }
            return [
                caption.map { "  caption  \($0.printable)" }, answers.map { "  answer   \($0.joined(separator: ", "))" },
                box.map { "  box      " + $0.map { String(format: "%.1f", $0) }.joined(separator: " ") },
            ].compactMap { $0 }
        }
    }

    // MARK: Text

    /// Outputs, then the table of figures, then the atoms.
    var lines: [String] {
        let said = columns.flatMap { [$0.label + $0.atoms + ", \($0.kind.rawValue)"] + $0.outputs }
        return said + [""] + TextTable.aligned(table) + atomLines
    }

    /// For a list of many.
    var shortLines: [String] {
        [[image, question, phrase].compactMap { $0?.printable }.joined(separator: ": ")]
            + columns.map { column in
                let mark = column.agreement?.isDisagreement == true ? " *" : "  "
                let said = column.answer.map { answer in
                    "\(answer.printable) \(String(format: "%.3f", column.candidates?.first?.probability ?? 0))"
                }
                let box = column.box.map { $0.map { String(format: "%.1f", $0) }.joined(separator: " ") }
                return "\(mark) \(column.label): \(said ?? box ?? column.caption?.printable ?? "")"
            }
    }

    private var table: [[String]] {
        func row(_ name: String, _ text: (Column) -> String?) -> [String]? {
            let cells = columns.map(text)
            return cells.contains { $0 != nil } ? [name] + cells.map { $0 ?? "-" } : nil
        }
        func yes(_ value: Bool?) -> String? { value.map { $0 ? "yes" : "no" } }
        return [
            [""] + columns.map(\.label),
            row("milliseconds") { String(format: "%.2f", $0.milliseconds) },
            row("  vision stack") { String(format: "%.2f", $0.visionMilliseconds) },
            row("GFLOPs") { String(format: "%.5f", $0.gflops) },
            row("state bytes") { "\($0.stateBytes)" },
            row("reconstruction error") { $0.reconstructionError.map { String(format: "%.4f", $0) } },
            row("same answer") { yes($0.agreement?.sameAnswer) },
            row("same caption") { yes($0.agreement?.sameCaption) },
            row("  words in common") { $0.agreement?.captionOverlap.map { String(format: "%.3f", $0) } },
            row("box IoU") { $0.agreement?.boxIoU.map { String(format: "%.3f", $0) } },
        ].compactMap { $0 }
    }

    private var atomLines: [String] {
        let matched = columns.compactMap { column in column.matching.map { (column, $0) } }.filter { !$0.1.isEmpty }
        guard let tolerance = matched.first?.1.first?.tolerance else { return [] }
        var lines = [
            "",
            "atoms paired with those of \(columns[0].label), nearest first, within \(tolerance) bins; w and -w are one frequency",
        ]
        for (column, matching) in matched {
            lines.append(column.label)
            for stack in matching {
                let exact = stack.pairs.count { $0.bins == 0 }
                lines.append(
                    "  \(stack.stack.rawValue): \(stack.pairs.count) paired, \(exact) of them exactly"
                        + unmatched(" only in \(columns[0].label)", stack.onlyFirst) + unmatched(" only here", stack.onlyOther))
            }
        }
        return lines
    }

    private func unmatched(_ place: String, _ atoms: [Int]) -> String {
        atoms.isEmpty ? "" : ";\(place): \(Self.ranges(atoms))"
    }

    /// `0, 3-7, 9` from ascending numbers.
    static func ranges(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for n in numbers {
            if let last = runs.last, last.upperBound + 1 == n {
                runs[runs.count - 1] = last.lowerBound...n
            } else {
                runs.append(n...n)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
    }
}
