import ArgumentParser
import Foundation
import SpectralEngine
import SpectralModel
import SpectralWorkbench

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a recorded session again and report what differs; or export it.",
        discussion: """
            A session is a file of JSON lines: runs (checkpoint, image, task, prompt, K, seed, edits, output), edits of \
            atoms, and notes. Every run is made again on the checkpoint and image it names. Text is compared exactly, \
            probabilities and boxes within --tolerance (a box's figures as shares of the image's side); a checkpoint or \
            image that is no longer the recorded one is said plainly. The status is 0 when all is the same, 1 when \
            something differs or a run cannot be made, 2 for wrong use.

            --checkpoint, --k and --seed take the place of what the runs say.

            With --export nothing is run: the session becomes Markdown (.md), CSV of its runs (.csv) or JSON (.json). \
            With --record every run is made and a new session written, with notes and all else carried over: so a \
            session can be written by hand, with runs that have no output yet, and carried out.

            With --json: session, title, tolerance, notices, runs [{run, parent, checkpoint, image, task, prompt, k, \
            edit, recorded, found, same, largestDeviation, differences [{kind, recorded, found}]}], same, different, \
            largestDeviation. Kinds are checkpoint, image, text, probability, box, unrecorded and failed.

            Examples:
              sdict replay sessions/tour.jsonl
              sdict replay sessions/tour.jsonl --k 8 --json
              sdict replay sessions/tour.jsonl --export tour.md
              sdict replay plan.jsonl --record sessions/made.jsonl --atoms 5
            """)

    @Argument(help: ArgumentHelp("Session file.", valueName: "session"))
    var path: String

    @Option(
        help: ArgumentHelp(
            "Checkpoint folder, or the name of a bundled one, for all runs (default: as recorded).", valueName: "dir"))
    var checkpoint: String?

    @Option(parsing: .unconditional, help: "Vision atoms for all runs, 1 to the checkpoint's own (default: as recorded).")
    var k: Int?

    @Option(parsing: .unconditional, help: "Seed for all runs (default: as recorded).")
    var seed: UInt64?

    @Option(help: ArgumentHelp("Largest difference of a probability that counts as none, 0 to 1.", valueName: "p"))
    var tolerance = 1e-3

    @Flag(help: "Print JSON, one object, instead of text.")
    var json = false

    @Option(
        help: ArgumentHelp("Write the session here as Markdown, CSV or JSON, by the name's end; run nothing.", valueName: "file"))
    var export: String?

    @Option(help: ArgumentHelp("Write a new session with what the runs give now.", valueName: "file"))
    var record: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --record: measure this many leading fusion atoms of each run.", valueName: "n"))
    var atoms: Int?

    @Option(help: "Analysis and synthesis on image grids: dense, fourier, or automatic (whichever is measured faster).")
    var transform = Transform.automatic

    func validate() throws {
        if let k, k < 1 { throw ValidationError("--k is out of range: expected at least 1, found \(k)") }
        guard (0...1).contains(tolerance) else {
            throw ValidationError("--tolerance is out of range: expected 0 to 1, found \(tolerance)")
        }
        if let export {
            if record != nil { throw ValidationError("--export runs nothing and --record runs all; give one or the other") }
            guard SessionExport(fileName: export) != nil else {
                throw ValidationError("--export: expected a name that ends in .md, .csv or .json, found \(export.printable)")
            }
        }
        if let atoms {
            guard atoms >= 1 else { throw ValidationError("--atoms is out of range: expected at least 1, found \(atoms)") }
            if record == nil { throw ValidationError("--atoms belongs to --record; give both") }
        }
    }

    func run() async throws {
        let session = try SessionFile.read(path)
        for notice in session.notices { Output.warning(notice) }
        if let export { return try save(session, to: export) }
        var settings = ReplaySettings()
        (settings.checkpoint, settings.k, settings.seed) = (checkpoint, k, seed)
        (settings.tolerance, settings.transform) = (tolerance, transform)
        var replay = SessionReplay(session, settings: settings)
        do {
            if let record {
                try await replay.record(to: record, atoms: atoms ?? 0) { run in
                    Output.line("\(run.id.printable)  \((run.output?.text ?? "").printable)")
                }
                return
            }
            let report = ReplayReport(session, settings, try await replay.play { if !json { Output.line(ReplayReport.line($0)) } })
            if json { try Output.line(SessionJSON.text(report)) } else { Output.line(report.verdict) }
            if report.different > 0 { throw ExitCode(1) }
        } catch let error as EngineError {
            if case .kOutOfRange = error { throw WrongUse(description: "--\(error)") }
            throw error
        }
    }

    private func save(_ session: Session, to file: String) throws {
        try OutputPath.require(file, of: "--export", isNoneOf: [path])
        guard let format = SessionExport(fileName: file) else { return }
        let text = try format.text(of: session)
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic) } catch {
            throw NotSaved(path: file)
        }
    }

    private struct NotSaved: Error, CustomStringConvertible {
        let path: String
        var description: String { "cannot write the session to \(path.printable): check the folder and its permissions" }
    }
}

/// What a replay found, for people and as JSON.
struct ReplayReport: Encodable {
    struct Run: Encodable {
        let run: String
        let parent: String?
        let checkpoint: String
        let image: String
        let task: AskTask
        let prompt: String
        let k: Int?
        let edit: String?
        let recorded: String?
        let found: String?
        let same: Bool
        let largestDeviation: Double?
        let differences: [ReplayDifference]
    }

    let session: String
    let title: String
    let tolerance: Double
    let notices: [String]
    let runs: [Run]
    let same: Int
    let different: Int
    let largestDeviation: Double?

    init(_ session: Session, _ settings: ReplaySettings, _ played: [ReplayedRun]) {
        self.session = session.path
        title = session.header?.title ?? ""
        tolerance = settings.tolerance
        notices = session.notices
        runs = played.map { result in
            let run = result.run
            return Run(
                run: run.id, parent: run.parent, checkpoint: settings.checkpoint ?? run.checkpoint.name, image: run.image.name,
                task: run.task, prompt: run.prompt, k: result.k, edit: run.edit, recorded: run.output?.text,
                found: result.found?.text, same: result.differences.isEmpty,
                // JSON has no infinity: an answer that is gone says so among the differences.
                largestDeviation: result.largestDeviation.flatMap { $0.isFinite ? $0 : nil }, differences: result.differences)
        }
        same = runs.count(where: \.same)
        different = runs.count - same
        largestDeviation = runs.compactMap(\.largestDeviation).max()
    }

    /// `r3  scene-01.png  ask  K 34  "what color is it?"  red: same`, then a line for each difference.
    static func line(_ result: ReplayedRun) -> String {
        let run = result.run
        var parts = [run.id, run.image.name, run.task.rawValue]
        if let k = result.k { parts.append("K \(k)") }
        if let edit = run.edit { parts.append(edit) }
        if !run.prompt.isEmpty { parts.append("\"\(run.prompt)\"") }
        let verdict = result.differences.isEmpty ? "same" : "DIFFERENT"
        let place = parts.map(\.printable).joined(separator: "  "), found = (result.found?.text ?? "nothing").printable
        var lines = ["\(place): \(found)  [\(verdict)]"]
        for difference in result.differences { lines.append("    \(difference.description.printable)") }
        return lines.joined(separator: "\n")
    }

    var verdict: String {
        let deviation = largestDeviation.map { String(format: "; numbers at most %.1e apart", $0) } ?? ""
        let head = "\(title.printable): \(same) of \(runs.count) runs the same"
        return head + (different > 0 ? ", \(different) different" : "") + " (tolerance \(tolerance))" + deviation
    }
}
