import Foundation
import SpectralLens
import SpectralModel
import SpectralScreen

/// What `sdict atoms` prints, as text or as JSON.
struct AtomsReport: Encodable {
    let checkpoint: String
    let k: Int
    let stack: AtomStack
    var table: AtomTable
    let top: Int
    var image: String?
    var words: [TraceToken]?
    var output: String?
    var attribution: Attribution?
    var overlay: LensMatrix?
    var alignment: PhaseAlignment?
    var reading: WordReading?
    /// Fusion atoms of the largest effect.
    var leading: [Int] = []
    var detail: AtomDetail?
    var coherence: AtomCoherence?

    enum CodingKeys: String, CodingKey {
        case checkpoint, k, stack, thresholds, records, image, words, output, score, unit, method, effects, overlay
        case alignment, angle, reading, layer, detail, coherence
    }

    func encode(to encoder: any Encoder) throws {
        var file = encoder.container(keyedBy: CodingKeys.self)
        try file.encode(checkpoint, forKey: .checkpoint)
        try file.encode(k, forKey: .k)
        try file.encode(stack, forKey: .stack)
        try file.encode(table.thresholds, forKey: .thresholds)
        try file.encode(table.records, forKey: .records)
        try file.encodeIfPresent(image, forKey: .image)
        try file.encodeIfPresent(words, forKey: .words)
        try file.encodeIfPresent(output, forKey: .output)
        try file.encodeIfPresent(attribution?.baseline, forKey: .score)
        try file.encodeIfPresent(attribution?.unit, forKey: .unit)
        try file.encodeIfPresent(attribution?.method, forKey: .method)
        try file.encodeIfPresent(attribution?.effects, forKey: .effects)
        try file.encodeIfPresent(overlay, forKey: .overlay)
        try file.encodeIfPresent(alignment?.alignment, forKey: .alignment)
        try file.encodeIfPresent(alignment?.angle, forKey: .angle)
        if let reading {
            try file.encode(reading.outputs.compactMap { ReadMap(reading, word: $0) }, forKey: .reading)
        }
        try file.encodeIfPresent(alignment?.layer, forKey: .layer)
        try file.encodeIfPresent(detail, forKey: .detail)
        try file.encodeIfPresent(coherence, forKey: .coherence)
    }

    /// What is read of the patches after a word.
    private struct ReadMap: Encodable {
        /// Place in `words`.
        let word: Int
        /// |r| that the map's 1 stands for.
        let largest: Float
        let map: LensMatrix

        init?(_ reading: WordReading, word: Int) {
            guard let map = reading.patches(word: word), let largest = reading.largest(word: word) else { return nil }
            (self.word, self.largest, self.map) = (word, largest, map)
        }
    }

    // MARK: Text

    var lines: [String] {
        if let coherence { return coherenceLines(coherence) }
        return header + (detail.map(detailLines) ?? tableLines + answerLines)
    }

    private func coherenceLines(_ coherence: AtomCoherence) -> [String] {
        func name(_ atom: Int) -> String {
            let w = table.records[atom].frequency.map { Self.figure($0) }.joined(separator: ", ")
            return "\(AtomAddress(stack, atom: atom)) (\(w))"
        }
        let pairs = coherence.pairs.map { [name($0.first), name($0.second), String(format: "%.4f", $0.coherence)] }
        return Self.draw(coherence.matrix, rows: min(coherence.matrix.rows, 48) + 6, columns: 78)
            + ["", "the most alike"] + TextTable.aligned([["atom", "and", "coherence"]] + pairs)
    }

    private var header: [String] {
        guard let output, let attribution else { return [] }
        let score = String(format: "%.3f", attribution.baseline)
        return ["\(output.printable)", "score \(score) \(attribution.unit); effects: \(attribution.method)", ""]
    }

    private var tableLines: [String] {
        let effects = Dictionary(uniqueKeysWithValues: (attribution?.effects ?? []).map { ($0.atom, $0.effect) })
        let axes = ["vision": ["u", "v"], "text": ["t"], "fusion": ["u", "v", "t"]][stack.rawValue] ?? []
        var head = ["atom"] + axes + ["period", "amplitude", "|C|"]
        if attribution != nil { head += ["energy"] + (stack == .fusion ? ["image part"] : []) + ["effect"] }
        let order = table.records.sorted { (abs(effects[$0.index] ?? 0), $1.index) > (abs(effects[$1.index] ?? 0), $0.index) }
        let rows = order.map { record in
            var row = ["\(record.index)"] + record.frequency.map { Self.figure($0) }
            row.append(record.period.map { String(format: "%.1f %@", $0, record.periodUnit) } ?? "DC")
            row += [String(format: "%.2f", record.amplitude), String(format: "%.2f", record.meanGain)]
            if attribution != nil {
                row.append(record.energyShare.map { String(format: "%.1f%%", 100 * $0) } ?? "unused")
                if stack == .fusion {
                    let parts = record.layers.compactMap(\.imagePart)
                    row.append(parts.isEmpty ? "" : String(format: "%.0f%%", 100 * parts.reduce(0, +) / Float(parts.count)))
                }
                row.append(effects[record.index].map { String(format: "%+.4f", $0) } ?? "")
            }
            return row
        }
        // Flags follow the aligned columns: they are words, not figures.
        let aligned = TextTable.aligned([head] + rows)
        let flagged = zip(aligned, [""] + order.map(\.status)).map { $1.isEmpty ? $0 : $0 + "  " + $1 }
        return flagged + ["", table.thresholds.description]
    }

    private var answerLines: [String] {
        var lines: [String] = []
        if let overlay { lines += [""] + Self.draw(overlay, rows: overlay.rows + 5, columns: 78) }
        if let alignment {
            let columns = leading.compactMap { alignment.atoms.firstIndex(of: $0) }
            lines += [""] + Self.draw(alignment.alignment.selecting(columns: columns), rows: alignment.words.count + 5, columns: 78)
        }
        if let reading, let map = reading.patches(word: nil) { lines += [""] + Self.draw(map, rows: map.rows + 5, columns: 78) }
        return lines
    }

    private func detailLines(_ detail: AtomDetail) -> [String] {
        let record = table.records[detail.atom]
        let frequency = record.frequency.map { String(format: "%.4f", $0) }.joined(separator: ", ")
        let unit =
            switch stack {
            case .vision: "patch"
            case .text: "token"
            case .fusion: "patch, the last per token"
            }
        var lines = [
            "\(AtomAddress(stack, atom: detail.atom)): frequency (\(frequency)) cycles per \(unit), period "
                + (record.period.map { String(format: "%.2f %@", $0, record.periodUnit) } ?? "none (DC)")
                + (record.direction.map { String(format: ", direction %.0f degrees", $0) } ?? "")
                + (record.status.isEmpty ? "" : ", \(record.status)")
        ]
        lines += TextTable.aligned(
            [["layer", "amplitude", "phase", "|C|", "|C2|", "|C3|", "energy", "image part"]]
                + record.layers.map { use in
                    [
                        "\(use.layer)", String(format: "%.3f", use.amplitude), String(format: "%.3f", use.phase),
                        String(format: "%.3f", use.meanGain), use.meanCrossGain.map { String(format: "%.3f", $0) } ?? "-",
                        use.meanSuffixGain.map { String(format: "%.3f", $0) } ?? "-",
                        use.energyShare.map { String(format: "%.2f%%", 100 * $0) } ?? "-",
                        use.imagePart.map { String(format: "%.0f%%", 100 * $0) } ?? "-",
                    ]
                })
        if let effect = attribution?.effects.first(where: { $0.atom == detail.atom }), let unit = attribution?.unit {
            lines.append(String(format: "effect on this output %+.4f %@", effect.effect, unit))
        }
        for matrix in [detail.field, detail.fieldSpectrum, detail.footprintSpectrum] {
            if let matrix { lines += [""] + Self.draw(matrix, rows: min(matrix.rows, 32) + 6, columns: 78) }
        }
        for matrix in [detail.line, detail.lineSpectrum] {
            if let matrix { lines += [""] + Self.draw(matrix, rows: 7, columns: 78) }
        }
        return lines
    }

    /// Three decimals, without a negative zero.
    private static func figure(_ x: Float) -> String { String(format: "%.3f", abs(x) < 0.0005 ? 0 : x) }

    /// A heatmap in plain ASCII, trailing blanks cut.
    static func draw(_ matrix: LensMatrix, rows: Int, columns: Int) -> [String] {
        var grid = CellGrid(rows: rows, columns: columns)
        grid.draw(matrix.heatmap, in: grid.bounds, look: Look(glyphs: .ascii, colors: .mono))
        var lines = (0..<rows).map { grid.lineText($0) }
        while lines.last == "" { lines.removeLast() }
        return lines
    }
}

extension LensMatrix {
    /// As the screen draws it.
    var heatmap: Heatmap {
        let scale: Heatmap.Scale = switch kind {
        case .linear: .linear(minimum: low, maximum: high)
        case .decibel: Heatmap.decibelScale(of: magnitudes, floor: low)
        case .angle: .phase(magnitudeFloor: maskFloor ?? 0)
        }
        return Heatmap(
            title: title, unit: unit, rows: rows, columns: columns, values: kind == .decibel ? magnitudes : values,
            scale: scale, magnitudes: kind == .angle ? magnitudes : [], rowLabels: rowLabels, columnLabels: columnLabels,
            merge: kind == .decibel ? .maximum : .strongest)
    }

    /// The same with these columns only, in this order.
    func selecting(columns chosen: [Int]) -> LensMatrix {
        func pick(_ x: [Float]) -> [Float] {
            x.isEmpty ? [] : (0..<rows).flatMap { row in chosen.map { x[row * columns + $0] } }
        }
        var copy = self
        copy.values = pick(values)
        copy.magnitudes = pick(magnitudes)
        copy.columns = chosen.count
        copy.columnLabels = chosen.map { columnLabels[$0] }
        return copy
    }
}
