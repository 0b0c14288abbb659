import Foundation
import SpectralModel
import SpectralScreen

/// What `sdict bench mixer` found: its JSON, its tables, its plot.
struct MixerReport: Encodable {
    let width: Int
    let headWidth: Int
    let seed: UInt64
    let points: [MixerPoint]
    let growth: [MixerGrowth]
    private let series: [[MixerPoint]]

    private enum CodingKeys: String, CodingKey { case width, headWidth, seed, points, growth }

    init(width: Int, headWidth: Int, seed: UInt64, series: [[MixerPoint]]) {
        self.width = width
        self.headWidth = headWidth
        self.seed = seed
        self.series = series
        points = series.flatMap { $0 }
        growth = series.compactMap { MixerGrowth($0) }
    }

    private func point(_ mixer: MixerCase, _ tokens: Int) -> MixerPoint? {
        points.first { $0.mixer == mixer.name && $0.k == mixer.k && $0.tokens == tokens }
    }

    private var tokens: [Int] { Set(points.map(\.tokens)).sorted() }
    private var atoms: [Int] { Set(points.compactMap(\.k)).sorted() }

    // MARK: Tables

    private static func milliseconds(_ point: MixerPoint?) -> String {
        point?.milliseconds.map { Figure.short($0) } ?? (point?.skipped == nil ? "-" : "left out")
    }

    private static func megabytes(_ bytes: Int?) -> String { bytes.map { String(format: "%.2f", Double($0) / 1e6) } ?? "-" }

    /// Attention's time over that of the faster evaluation.
    private func ratio(_ tokens: Int, _ k: Int) -> String {
        let spectral = [Transform.dense, .fourier].compactMap { point(.spectral($0, k: k), tokens)?.milliseconds }.min()
        guard let spectral, spectral > 0, let attention = point(.attention, tokens)?.milliseconds else { return "-" }
        return Figure.short(attention / spectral)
    }

    var lines: [String] {
        var lines = [
            "token mixing of one layer, forward, one image, d \(width), heads of \(headWidth), one thread; ms and MB (10^6 bytes)"
        ]
        var table = [[
            "tokens", "K", "dense ms", "MB", "Fourier ms", "MB", "attention ms", "MB", "ratio", "scores kept ms", "MB",
        ]]
        for k in atoms {
            for tokens in tokens {
                let cases: [MixerCase] = [.spectral(.dense, k: k), .spectral(.fourier, k: k), .attention]
                let cells = cases.flatMap { mixer -> [String] in
                    let found = point(mixer, tokens)
                    return [Self.milliseconds(found), Self.megabytes(found?.peakBytes)]
                }
                let kept = point(.attentionKept, tokens)
                table.append(
                    ["\(tokens)", "\(k)"] + cells
                        + [ratio(tokens, k), Self.milliseconds(kept), Self.megabytes(kept?.peakBytes)])
            }
        }
        lines += TextTable.aligned(table)
        lines += ["ratio: attention's time over that of the faster spectral evaluation", ""]
        lines.append("one more suffix token after so many image tokens, all of a fusion layer's mixing and projections")
        table = [["tokens", "K", "spectral ms", "state MB", "attention ms", "state MB"]]
        for k in atoms {
            for tokens in tokens {
                let own = point(.spectralStep(k: k), tokens), twin = point(.attentionStep, tokens)
                table.append([
                    "\(tokens)", "\(k)", Self.milliseconds(own), Self.megabytes(own?.stateBytes), Self.milliseconds(twin),
                    Self.megabytes(twin?.stateBytes),
                ])
            }
        }
        lines += TextTable.aligned(table) + [""]
        lines.append("growth, x of ~ tokens^x fitted to the last points measured")
        lines += TextTable.aligned(
            [["", "K", "time", "memory", "over tokens"]]
                + growth.map { growth in
                    [
                        growth.mixer, growth.k.map(String.init) ?? "-", String(format: "%.2f", growth.timeExponent),
                        String(format: "%.2f", growth.memoryExponent), growth.over.map(String.init).joined(separator: " "),
                    ]
                })
        let skipped = points.compactMap { point in
            point.skipped.map { "left out: \(point.mixer)\(point.k.map { ", K \($0)" } ?? ""), \(point.tokens) tokens: \($0)" }
        }
        return lines + (skipped.isEmpty ? [] : [""] + skipped)
    }

    // MARK: Plot

    private static func short(_ tokens: Int) -> String {
        tokens >= 1024 && tokens % 1024 == 0 ? "\(tokens / 1024)k" : "\(tokens)"
    }

    var picture: ExportPicture {
        let ticks = tokens.map { LineChart.Tick(Double($0), Self.short($0)) }
        let mixed = series.filter { ($0.first?.stateBytes ?? $0.last?.stateBytes) == nil && $0.contains { $0.milliseconds != nil } }
        func chart(_ title: String, _ unit: String, _ value: (MixerPoint) -> Double?) -> LineChart {
            LineChart(
                title: title, xTitle: "tokens", yTitle: unit, xTicks: ticks,
                series: mixed.map { points in
                    LineChart.Series(
                        points[0].mixer + (points[0].k.map { ", K \($0)" } ?? ""),
                        points.compactMap { point in value(point).map { LineChart.Point(Double(point.tokens), $0) } })
                })
        }
        return ExportPicture(
            charts: [
                chart("Time of one layer's token mixing", "ms") { $0.milliseconds },
                chart("Memory that the mixing holds", "MB") { $0.peakBytes.map { Double($0) / 1e6 } },
            ],
            captions: ["forward, one image, d \(width), heads of \(headWidth), one thread; sdict bench mixer"])
    }
}
