import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel
import SpectralWorkbench
import Synchronization

/// What `sdict atoms --usage` prints, as text or as JSON.
struct AtomsUsageReport: Encodable {
    struct Problem: Encodable {
        let image: String
        let problem: String
    }

    /// An atom's use beside what it is.
    struct Atom: Encodable {
        let use: AtomUse
        let record: AtomRecord
        let top: [ImageShare]

        enum CodingKeys: String, CodingKey { case frequency, period, periodUnit, rasterAxes, top }

        func encode(to encoder: any Encoder) throws {
            try use.encode(to: encoder)
            var file = encoder.container(keyedBy: CodingKeys.self)
            try file.encode(record.frequency, forKey: .frequency)
            try file.encodeIfPresent(record.period, forKey: .period)
            try file.encode(record.periodUnit, forKey: .periodUnit)
            try file.encode(record.rasterAxes, forKey: .rasterAxes)
            try file.encode(top, forKey: .top)
        }
    }

    let checkpoint: String
    let k: Int
    /// Images that count.
    let n: Int
    let images: [String]
    let unreadable: [Problem]
    let thresholds: AtomThresholds
    let atoms: [Atom]

    /// - Parameters:
    ///   - stack: `nil` for vision and fusion.
    ///   - atom: `nil` for all.
    ///   - top: how many images to name for each atom.
    init(
        checkpoint: String, _ usage: FolderUsage, records: [AtomRecord], unreadable: [(String, String)], stack: AtomStack?,
        atom: Int?, top: Int
    ) {
        self.checkpoint = checkpoint
        (k, n, images, thresholds) = (usage.k, usage.n, usage.images, usage.thresholds)
        self.unreadable = unreadable.map { Problem(image: $0.0, problem: $0.1) }
        let known = Dictionary(records.map { (AtomAddress($0.stack, atom: $0.index), $0) }, uniquingKeysWith: { first, _ in first })
        atoms = usage.atoms.filter { (stack == nil || $0.stack == stack) && (atom == nil || $0.index == atom) }.compactMap { use in
            known[use.address].map { record in
                var record = record
                record.isDead = use.isDead
                return Atom(use: use, record: record, top: usage.top(top, of: use))
            }
        }
    }

    var lines: [String] {
        let head = ["atom", "period", "median", "quartiles", "range", "image part", "top image"]
        let rows = atoms.map { atom in
            let use = atom.use, parts = use.imageParts
            return [
                "\(use.address)", atom.record.period.map { String(format: "%.1f %@", $0, atom.record.periodUnit) } ?? "DC",
                Self.share(use.median), "\(Self.share(use.lowerQuartile)) to \(Self.share(use.upperQuartile))",
                "\(Self.share(use.minimum)) to \(Self.share(use.maximum))",
                parts.isEmpty ? "" : String(format: "%.0f%%", 100 * parts.reduce(0, +) / Float(parts.count)),
                atom.top.first.map { URL(fileURLWithPath: $0.image).lastPathComponent.printable } ?? "",
            ]
        }
        // Flags follow the aligned columns: they are words, not figures.
        let flagged = zip(TextTable.aligned([head] + rows), [""] + atoms.map(\.record.status)).map {
            $1.isEmpty ? $0 : $0 + "  " + $1
        }
        let without = unreadable.isEmpty ? "" : ", \(unreadable.count) more could not be read"
        return [
            "energy shares on \(n) images at K \(k)\(without); fusion with the caption prompt", "",
        ] + flagged + (atoms.count == 1 ? atoms.flatMap(closeLines) : []) + [
            "", FolderUsage.rule(thresholds), thresholds.description,
        ]
    }

    /// Histogram and images of one atom.
    private func closeLines(_ atom: Atom) -> [String] {
        let histogram = ShareHistogram(atom.use.shares, mostBins: 12), most = max(1, histogram.bins.map(\.count).max() ?? 1)
        let bars = histogram.bins.map { bin in
            let ink = String(repeating: "#", count: (bin.count * 40 + most - 1) / most)
            return ["\(Self.share(bin.low)) to \(Self.share(bin.high))", "\(bin.count)", ink]
        }
        let zeros = histogram.zeros > 0 ? [["nothing", "\(histogram.zeros)", ""]] : []
        let rows = TextTable.aligned((zeros + bars).map { Array($0.prefix(2)) })
        return ["", "share of the energy, images; bins of \(histogram.decibels) dB"]
            + zip(rows, zeros + bars).map { "\($0)  \($1[2])" }
            + ["", "images it carries most in"] + TextTable.aligned(atom.top.map { [$0.image.printable, Self.share($0.share)] })
    }

    private static func share(_ x: Float) -> String { String(format: "%.2f%%", 100 * x) }
}

extension AtomsCommand {
    func printUsage() async throws {
        let (paths, problem) = ImageCatalogue.list(usage)
        if let problem { Output.warning(problem) }
        guard !paths.isEmpty else {
            throw WrongUse(description: "--usage: there are no images to measure; name folders or image files")
        }
        let engine = try await options.engine()
        if let atom {
            let count = await engine.withModel { [stack] in $0.model.atoms(of: stack ?? .vision)?.count ?? 0 }
            guard count > 0 else { throw LensError.noAtoms(operation: "measuring the use of atoms") }
            guard (0..<count).contains(atom) else {
                throw WrongUse(description: "--atom is out of range: expected 0 to \(count - 1), found \(atom)")
            }
        }
        let cache = UsageCache(folder: noCache ? nil : UserFolders.cache(), warn: { Output.warning($0) })
        let problems = Problems(), every = max(1, paths.count / 10)
        let usage = try await UsageSurvey(engine, cache: cache, k: options.k).run(paths) { progress in
            if let problem = progress.problem {
                Output.problem(problem)
                problems.add(progress.path, problem)
            }
            // A word at every tenth, and at the end.
            if paths.count >= 20, progress.done == progress.total || progress.done % every == 0 {
                Output.problemText("\(progress.done) of \(progress.total) images")
            }
        }
        guard usage.n > 0 else {
            Output.problem("no image could be read: there is no use to tell")
            throw ExitCode(1)
        }
        let records = await engine.withModel { model in AtomStack.allCases.flatMap { model.atomTable($0)?.records ?? [] } }
        let report = AtomsUsageReport(
            checkpoint: options.checkpoint, usage, records: records, unreadable: problems.all, stack: stack, atom: atom, top: top)
        if let atom, report.atoms.isEmpty {
            throw WrongUse(description: "--atom \(atom) is not in use at this K; choose a larger --k or another atom")
        }
        if options.json { try Output.json(report) } else { report.lines.forEach(Output.line) }
        if problem != nil || !problems.all.isEmpty { throw ExitCode(1) }
    }
}

/// Images that could not be read, gathered from within the survey.
private final class Problems: Sendable {
    private let list = Mutex<[(String, String)]>([])

    var all: [(String, String)] { list.withLock { $0 } }

    func add(_ path: String, _ problem: String) { list.withLock { $0.append((path, problem)) } }
}
