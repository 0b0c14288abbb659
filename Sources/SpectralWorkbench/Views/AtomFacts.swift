import SpectralLens
import SpectralModel
import SpectralScreen

/// Cells for a column of atom addresses: those of `fusion/41`, and more where a stack has a hundred atoms.
enum AddressColumn {
    static func width(_ addresses: some Sequence<AtomAddress>) -> Int { max(9, addresses.map { "\($0)".count }.max() ?? 0) }
}

/// A record's status in letters, for narrow tables.
enum AtomFlags {
    static let legend = "D dead  = duplicate  N Nyquist  R raster"

    static func letters(_ record: AtomRecord) -> String {
        (record.isDead == true ? "D" : "") + (record.duplicateOf != nil ? "=" : "") + (record.isNearNyquist ? "N" : "")
            + (record.rasterAxes.isEmpty ? "" : "R")
    }
}

/// What is known of one atom, in lines.
enum AtomFacts {
    /// - Parameters:
    ///   - row: what an answer told of the atom.
    ///   - use: what the images told.
    static func lines(
        _ record: AtomRecord, _ row: AtomRow?, _ use: AtomUse?, layer: Int, unit: String, _ glyphs: GlyphSet
    ) -> [String] {
        var lines = ["\(record.address)" + (record.status.isEmpty ? "" : "   \(record.status)")]
        lines += record.stack == .fusion ? parts(record) : whole(record)
        // This answer's own figures first; else what most images give.
        let fed: (source: String, parts: [Float])? =
            if let row, !row.imageParts.isEmpty {
                ("fed by the image, this answer", row.imageParts)
            } else if let use, !use.imageParts.isEmpty {
                ("fed by the image, median, n \(use.n)", use.imageParts)
            } else {
                nil
            }
        let keepsWords = record.layers.contains { $0.meanSuffixGain != nil }
        lines.append("layer   ampl   phase    |C|   |C2|" + (keepsWords ? "   |C3|" : "") + (fed.map { "  \($0.source)" } ?? ""))
        for use in record.layers {
            let cross = use.meanCrossGain.map { Figure.fixed(Double($0), 3) } ?? ""
            let cells = [
                Figure.fixed(Double(use.amplitude), 3), Figure.fixed(Double(use.phase), 2), Figure.fixed(Double(use.meanGain), 3),
                cross,
            ] + (keepsWords ? [use.meanSuffixGain.map { Figure.fixed(Double($0), 3) } ?? ""] : [])
            let part = fed.flatMap { $0.parts.indices.contains(use.layer) ? $0.parts[use.layer] : nil }
            lines.append(
                (use.layer == layer ? ">" : " ") + TextWidth.padded("\(use.layer)", to: 4, atRight: true)
                    + cells.map { TextWidth.padded($0, to: 7, atRight: true) }.joined()
                    + (part.map { "  \(LensLines.gauge($0, width: 12, glyphs)) \(Figure.percent(Double($0)))" } ?? ""))
        }
        if let row {
            let share = row.energyShare.map { ", energy \(Figure.percent(Double($0))) of its stack" } ?? ""
            let effect = "\(row.effect < 0 ? "adds" : "takes") \(Figure.fixed(Double(abs(row.effect)), 3)) \(unit)"
            lines.append("this answer: muting it \(effect)\(share)")
        } else if let use {
            lines.append("median energy \(Figure.percent(Double(use.median))) of its stack, n \(use.n)")
        } else {
            lines.append("ask something, and the table tells what each atom did for the answer; u measures the use")
        }
        return lines
    }

    private static func whole(_ record: AtomRecord) -> [String] {
        let frequency = zip(record.stack == .vision ? ["u", "v"] : ["t"], record.frequency)
            .map { "\($0) \(Figure.fixed(Double($1), 4))" }.joined(separator: "  ")
        let direction = record.direction.map { "; direction \(Figure.fixed(Double($0), 0)) degrees" } ?? ""
        return [
            "frequency  \(frequency)  cycles per \(record.stack == .vision ? "patch" : "token")\(direction)",
            record.period.map { "period     \(Figure.fixed(Double($0), 2)) \(record.periodUnit)" }
                ?? "period     DC: it does not change from token to token",
        ]
    }

    /// A fusion atom on the patches and along the text.
    private static func parts(_ record: AtomRecord) -> [String] {
        guard record.frequency.count == 3 else { return whole(record) }
        let (u, v, t) = (record.frequency[0], record.frequency[1], record.frequency[2])
        func period(_ w: Float, _ unit: String) -> String {
            w < 1e-3 ? "the same on all \(unit)" : "period \(Figure.fixed(1 / Double(w), 2)) \(unit)"
        }
        func figure(_ x: Float) -> String { Figure.fixed(Double(x), 4) }
        let direction = record.direction.map { ", direction \(Figure.fixed(Double($0), 0)) degrees" } ?? ""
        return [
            "image part  u \(figure(u))  v \(figure(v)): \(period((u * u + v * v).squareRoot(), "patches"))\(direction)",
            "text part   t \(figure(t)): \(period(abs(t), "tokens"))",
        ]
    }
}
