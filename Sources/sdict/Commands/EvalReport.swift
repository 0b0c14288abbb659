import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats

struct EvalReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Put all that was measured into one document.",
        discussion: """
            Reads report.json of a folder ({title, introduction, parts [{title, table, command, remarks, picture}]}) and the \
            tables it names, each a Markdown file that a measuring command wrote, and prints the document. A part whose table \
            is not there says which command makes it. With --write the document becomes the folder's README.md.

            The folder is the program's own evidence unless another is named; there, README.md and the model cards are the \
            program's documents.

            With --json: title, parts [{title, command, measured, text}].

            Examples:
              sdict eval report
              sdict eval study ablation --table evidence/ablation.md && sdict eval report --folder evidence --write
            """)

    @Option(help: ArgumentHelp("Folder of report.json and the tables.", valueName: "dir"), completion: .directory)
    var folder: String?

    @Flag(help: "Write the document to the folder's README.md instead of printing it.")
    var write = false

    @Flag(help: "Print JSON instead of Markdown.")
    var json = false

    func run() throws {
        guard let folder = folder ?? Bundled.folder.map({ $0 + "/evidence" }) else { throw EngineError.nothingBundled }
        let document = try EvidenceDocument(folder: folder)
        if write { return try AtomicFile.write(path: folder + "/README.md", Data(document.markdown.utf8)) }
        if json { return try Output.json(document) }
        Output.line(String(document.markdown.dropLast()))
    }
}

/// What `sdict eval report` puts together.
struct EvidenceDocument: Encodable {
    struct Part: Encodable {
        let title: String
        /// What makes its table.
        let command: String
        /// Whether the table is there.
        let measured: Bool
        let text: String
    }

    struct Failure: Error, CustomStringConvertible {
        let path: String
        let problem: String
        var description: String { "report \(path.printable): \(problem.printable); correct the file, or name another --folder" }
    }

    private struct File: Decodable {
        struct Part: Decodable {
            let title: String
            let table: String
            let command: String
            let remarks: [String]?
            let picture: String?
        }

        let title: String
        let introduction: String
        let parts: [Part]
    }

    let title: String
    let parts: [Part]
    private let introduction: String

    private enum CodingKeys: String, CodingKey { case title, parts }

    /// - Throws: `Failure` for a report.json that cannot be read or is not one.
    init(folder: String) throws {
        let path = folder + "/report.json", file: File
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(path: path, problem: "the file cannot be read")
        }
        do { file = try JSONDecoder().decode(File.self, from: data) } catch {
            let (key, problem) = MessageText.decoding(error, of: data, as: File.self)
            throw Failure(path: path, problem: (key.isEmpty ? "" : "at \(key): ") + problem)
        }
        title = file.title
        introduction = file.introduction
        parts = file.parts.map { part in
            let table = try? String(contentsOfFile: folder + "/" + part.table, encoding: .utf8)
            // A title of its own would stand under the part's.
            let untitled = table.map { $0.hasPrefix("# ") ? String($0.drop { $0 != "\n" }) : $0 }
            let body = untitled.map { Self.lowered($0.trimmingCharacters(in: .newlines)) } ?? "Not measured yet: `\(part.command)` does."
            let picture = table == nil ? nil : part.picture.map { "![\(part.title)](\($0))" }
            let blocks = (part.remarks ?? []) + [body] + [picture].compactMap { $0 }
            return Part(title: part.title, command: part.command, measured: table != nil, text: blocks.joined(separator: "\n\n"))
        }
    }

    /// Its headings a level further down, below the part's own.
    private static func lowered(_ table: String) -> String {
        var isCode = false
        return table.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("```") { isCode.toggle() }
            return line.hasPrefix("#") && !isCode ? "#" + line : String(line)
        }.joined(separator: "\n")
    }

    var markdown: String {
        var blocks = ["# \(title)", introduction]
        for part in parts {
            blocks += ["## \(part.title)", part.text]
            // Tables end with their own command where their maker knew it whole.
            if part.measured, !part.text.contains("Measured by `") { blocks.append("Measured by `\(part.command)`.") }
        }
        return blocks.joined(separator: "\n\n") + "\n"
    }
}
