// What measuring captions and measuring answers share: options, the journal, progress, the table.

import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import SpectralTraining

enum ReportForm: String, ExpressibleByArgument, CaseIterable {
    case text, markdown, json
}

/// What both commands take.
struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Folder of the images.", valueName: "dir"), completion: .directory)
    var images: String

    @Option(help: ArgumentHelp("Results file to write, in the official form.", valueName: "file"), completion: .file())
    var out: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Take the first of the data only, so many images or questions.", valueName: "n"))
    var limit: Int?

    @Option(help: "Form of the table: text, markdown or json.")
    var report = ReportForm.text

    @Option(help: ArgumentHelp("Write the table to a file too, in Markdown.", valueName: "file"), completion: .file())
    var table: String?

    @Option(
        help: ArgumentHelp(
            "Another checkpoint to measure beside it, or the same at another K (without one, at --k); may be given again.",
            valueName: "dir[:k]"))
    var against: [String] = []

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is out of range: expected at least 1, found \(limit)") }
    }

    /// - Throws: `WrongUse` where results or table would replace one of the files that are read.
    func requireOutputs(areNoneOf inputs: [String?]) throws {
        try OutputPath.require(out, of: "--out", isNoneOf: inputs)
        try OutputPath.require(table, of: "--table", isNoneOf: inputs + [out])
    }
}

/// A checkpoint that is measured, by what its columns are called.
struct MeasuredCheckpoint {
    let name: String
    let model: LoadedModel
    let hash: String
    let k: Int

    /// - Parameter k: vision atoms; those of the options otherwise, or all.
    /// - Throws: `WrongUse` for a K that the checkpoint does not have, `UntrainedJob`.
    init(_ nameOrPath: String, k ownK: Int? = nil, _ options: ModelOptions, for job: ModelConfig.Job) throws {
        model = try LoadedModel(path: Bundled.checkpointPath(nameOrPath), transform: options.transform)
        for warning in model.warnings { Output.warning(warning) }
        try model.require(job)
        if let ownK {
            try ColumnList.require(k: ownK, of: model.config, named: nameOrPath)
        } else {
            try ModelOptions.check(k: options.k, of: model.config)
        }
        name = URL(fileURLWithPath: nameOrPath).lastPathComponent + (ownK.map { ":\($0)" } ?? "")
        hash = try model.folder.contentHash()
        k = ownK ?? options.k ?? model.config.visionAtoms
    }

    /// Those of `DataOptions.against`.
    ///
    /// - Throws: `WrongUse` also where one is there twice, by weights and K.
    static func rivals(
        _ named: [String], of main: MeasuredCheckpoint, _ options: ModelOptions, for job: ModelConfig.Job
    ) throws -> [MeasuredCheckpoint] {
        var seen: Set = ["\(main.hash) \(main.k)"]
        return try named.map { rival in
            let (name, k) = ColumnList.checkpoint(rival), made = try MeasuredCheckpoint(name, k: k, options, for: job)
            guard seen.insert("\(made.hash) \(made.k)").inserted else {
                throw WrongUse(description: "--against \(rival.printable) is measured already, at K \(made.k); leave it out")
            }
            return made
        }
    }

    func column(_ addition: String = "") -> MeasuredModel {
        MeasuredModel(
            title: name + addition, hash: hash, trainedSteps: model.folder.weights.metadata["step"],
            parameters: model.config.parameterCount(of: model.parameterCount, k: k), k: k)
    }
}

/// One measurement of several columns; the first of them is journaled and can go on where it stopped.
final class DataMeasurement {
    private struct Interrupted: Error, CustomStringConvertible {
        let done: Int
        let total: Int
        let noun: String
        let goesOn: Bool

        var description: String {
            "interrupted after \(done) of \(total) \(noun); "
                + (goesOn ? "run the same command to go on from there" : "run the same command again")
        }
    }

    private let options: DataOptions
    private let interrupt = Interrupt()
    private let journal: OutputJournal

    init(_ options: DataOptions, settings: OutputSettings) throws {
        self.options = options
        journal = try OutputJournal(path: options.out + ".partial", settings: settings)
    }

    /// The outputs for these ids, in order.
    ///
    /// - Parameters:
    ///   - isMain: whether they are journaled.
    ///   - run: makes the outputs from a place on and hands them over in batches, until it is told not to go on.
    func outputs(
        _ title: String, ids: [Int], noun: String, isMain: Bool,
        run: (_ start: Int, _ each: ([ModelOutput]) throws -> Bool) throws -> Void
    ) throws -> [ModelOutput] {
        let journal = isMain ? journal : nil
        var made = Array((journal?.outputs ?? []).prefix(ids.count))
        guard zip(made, ids).allSatisfy({ $0.id == $1 }) else {
            throw OutputJournalError.notAJournal(path: self.journal.path)
        }
        if !made.isEmpty { Output.problemText("\(title): going on after \(made.count) of \(ids.count) \(noun)") }
        if made.count < ids.count {
            try run(made.count) { batch in
                try journal?.append(batch)
                let before = made.count
                made += batch
                // A word at every tenth.
                if made.count * 10 / ids.count > before * 10 / ids.count {
                    Output.problemText("\(title): \(made.count) of \(ids.count) \(noun)")
                }
                return !interrupt.requested
            }
        }
        guard made.count == ids.count else {
            throw Interrupted(done: made.count, total: ids.count, noun: noun, goesOn: isMain)
        }
        return made
    }

    /// Prints the table, writes it where that was asked for, and takes the journal away.
    ///
    /// - Throws: `ExitCode` 1 when images could not be read.
    func finish(_ report: some MeasuredTable, form: ReportForm, unreadable: Int) throws {
        if let table = options.table { try AtomicFile.write(path: table, Data(report.markdown.utf8)) }
        journal.remove()
        switch form {
        case .json: try Output.json(report)
        case .markdown: Output.line(String(report.markdown.dropLast()))
        case .text:
            TextTable.aligned(report.table).forEach { Output.line($0.printable) }
            for note in report.notes { Output.line(note.printable) }
        }
        if unreadable > 0 { throw ExitCode(1) }
    }

    /// Where an image lies: under the folder by its whole name, or by the last part of it.
    static func path(of fileName: String, in folder: String) -> String {
        let whole = (folder as NSString).appendingPathComponent(fileName)
        guard !FileManager.default.fileExists(atPath: whole) else { return whole }
        let last = (folder as NSString).appendingPathComponent((fileName as NSString).lastPathComponent)
        return FileManager.default.fileExists(atPath: last) ? last : whole
    }

    /// - Throws: `DatasetFileError.noImages` when none of the files is there: then it is the folder that is wrong.
    static func requireAny(of paths: [String], in folder: String) throws {
        guard !paths.contains(where: FileManager.default.fileExists(atPath:)) else { return }
        throw DatasetFileError.noImages(folder: folder, example: paths.first.map { ($0 as NSString).lastPathComponent } ?? "")
    }
}

extension DataOptions {
    /// What to type to measure it again, with names in place of paths.
    func command(_ task: String, data: String, more: [String], _ options: ModelOptions) -> String {
        let read = [("data", data), ("images", images), ("out", out)].flatMap { Self.option($0.0, path: $0.1) }
        var words = ["sdict eval \(task)"] + read + more + Self.option("checkpoint", path: options.checkpoint)
        if let k = options.k { words.append("--k \(k)") }
        if let limit { words.append("--limit \(limit)") }
        if options.transform != .automatic { words.append("--transform \(options.transform.rawValue)") }
        return (words + against.flatMap { Self.option("against", path: $0) }).joined(separator: " ")
    }

    /// An option with the name of its file or folder; none without one.
    static func option(_ option: String, path: String?) -> [String] {
        path.map { ["--\(option) \(URL(fileURLWithPath: $0).lastPathComponent)"] } ?? []
    }
}
