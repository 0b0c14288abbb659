// A session as a document: Markdown to read, CSV for tables of runs, JSON for everything.
//
// Guarantees: nothing that could act on a terminal gets out; Markdown shows texts as they were written, whatever marks
// they hold; JSON lacks nothing that the file has.

import Foundation
import SpectralFormats
import SpectralScreen

public enum SessionExport: String, Sendable, CaseIterable {
    case markdown, json, csv

    /// By the end of a file's name: md, markdown, json or csv; nil for any other.
    public init?(fileName: String) {
        switch fileName.split(separator: ".").last?.lowercased() {
        case "md", "markdown": self = .markdown
        case "json": self = .json
        case "csv": self = .csv
        default: return nil
        }
    }

    /// - Throws: `EncodingError`, never for a session that was read from a file.
    public func text(of session: Session) throws -> String {
        switch self {
        case .markdown: Self.markdown(session)
        case .csv: Self.table(session).csv()
        case .json: try SessionJSON.text(JSONValue.list(session.entries.map(\.fields)), isPretty: true) + "\n"
        }
    }

    // MARK: CSV

    private static let columns: [(name: String, value: @Sendable (SessionRun, Session) -> String?)] = [
        ("id", { run, _ in run.id }),
        ("parent", { run, _ in run.parent }),
        ("at", { run, _ in run.at }),
        ("checkpoint", { run, _ in run.checkpoint.name }),
        ("checkpoint_hash", { run, _ in run.checkpoint.hash }),
        ("image", { run, _ in run.image.name }),
        ("image_hash", { run, _ in run.image.hash }),
        ("task", { run, _ in run.task.rawValue }),
        ("prompt", { run, _ in run.prompt }),
        ("k", { run, _ in run.k.map { String($0) } }),
        ("decoding", { run, _ in run.decoding.strategy.rawValue }),
        ("seed", { run, _ in String(run.seed) }),
        ("edit", { run, _ in run.edit }),
        ("changes", { run, session in run.edit.flatMap { session.edit($0) }.map { changes($0) } }),
        ("output", { run, _ in run.output?.text }),
        ("probability", { run, _ in run.output?.candidates?.first?.probability.description }),
        ("log_probability", { run, _ in run.output?.logProbability?.description }),
        ("box_x", { run, _ in side(0, run) }),
        ("box_y", { run, _ in side(1, run) }),
        ("box_width", { run, _ in side(2, run) }),
        ("box_height", { run, _ in side(3, run) }),
        ("milliseconds", { run, _ in run.milliseconds?.description }),
    ]

    private static func side(_ index: Int, _ run: SessionRun) -> String? { run.output?.box?[index].description }

    /// One row for each run; numbers as exact as the file has them.
    static func table(_ session: Session) -> ExportTable {
        let rows: [[String]] = session.runs.map { run in
            columns.map { MessageText.printable($0.value(run, session) ?? "", limit: .max) }
        }
        return ExportTable(header: columns.map(\.name), rows: rows)
    }

    /// `mute vision/0 vision/1; scale 0.5 fusion/3`.
    static func changes(_ edit: SessionEdit) -> String {
        let words: [String] = edit.changes.map { change in
            var words = [change.action.rawValue]
            if let amount = change.amount { words.append(amount.description) }
            return (words + change.atoms).joined(separator: " ")
        }
        return words.joined(separator: "; ")
    }

    // MARK: Markdown

    /// Notes are paragraphs, edits are lines, runs that follow one another are a table.
    private static func markdown(_ session: Session) -> String {
        var blocks: [String] = [], table: [[String]] = []
        func endTable() {
            if table.isEmpty { return }
            blocks.append(
                ExportTable(header: ["run", "from", "image", "task", "prompt", "K", "edit", "output", "p"], rows: table).markdown())
            table = []
        }
        for entry in session.entries {
            switch entry.event {
            case .run(let run):
                let k: String = run.k?.description ?? "all", output: String = run.output?.text ?? "(not run)"
                let row: [String] = [
                    run.id, run.parent ?? "", run.image.name, run.task.rawValue, run.prompt, k, run.edit ?? "", output,
                    probability(run),
                ]
                table.append(row)
            case .session(let header):
                blocks.append("# " + plain(header.title))
                if let about = header.about { blocks.append(paragraphs(about)) }
                let checkpoints = Dictionary(grouping: session.runs, by: \.checkpoint).keys.sorted { $0.name < $1.name }
                let named: [String] = checkpoints.map { reference in
                    guard let hash = reference.hash else { return plain(reference.name) }
                    return "\(plain(reference.name)) (\(plain(hash)))"
                }
                if !named.isEmpty { blocks.append("Checkpoint: " + named.joined(separator: ", ")) }
            case .edit(let edit):
                endTable()
                let name = edit.name.map { ", \(plain($0))" } ?? ""
                blocks.append("**Edit \(plain(edit.id))**\(name): \(plain(changes(edit)))")
            case .note(let note):
                endTable()
                let about = (note.about ?? []).map { plain($0) }.joined(separator: ", ")
                blocks.append(about.isEmpty ? paragraphs(note.text) : "\(paragraphs(note.text)) (\(about))")
            case .other(let kind):
                endTable()
                blocks.append("An event of kind " + plain(kind) + ", which this version does not know.")
            }
        }
        endTable()
        return blocks.joined(separator: "\n\n") + "\n"
    }

    /// Of an answer as it is; of a caption the geometric mean over its tokens.
    private static func probability(_ run: SessionRun) -> String {
        guard let output = run.output else { return "" }
        if let first = output.candidates?.first { return Figure.fixed(Double(first.probability), 3) }
        guard let tokens = output.tokens, !tokens.isEmpty, let sum = output.logProbability else { return "" }
        return Figure.fixed(exp(sum / Double(tokens.count)), 3) + " a token"
    }

    private static func plain(_ text: String) -> String { ExportTable.markdownText(MessageText.printable(text, limit: .max)) }

    private static func paragraphs(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { plain(String($0)) }.joined(separator: "\n\n")
    }
}
