import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel
import Synchronization

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Ask several K of a checkpoint, and other checkpoints, the same, side by side.",
        discussion: """
            A column is a checkpoint at one K: nested, where it is the first column's checkpoint with its first K \
            atoms, or trained, where it is another checkpoint. --k gives columns of --checkpoint, each --against one \
            more, DIR or DIR:K. An image is compared in 2 to 4 columns; a sweep takes up to 64.

            IMAGE: caption, with --question the answer, with --phrase the box, in each column; times (of a \
            second run where the first makes what depends on weights and grid alone), GFLOPs counted from shapes \
            (products of analysis and synthesis as dense ones, modulation, projections, perceptrons, heads), bytes of state that decoding carries, the share of the image \
            tokens' energy that the atoms leave out, and the agreement with the first column. Then the atoms, paired \
            with the first column's by frequency.

            --disagree DIR: the images of a folder, and with --question the questions about them, on which a column \
            disagrees with the first: another answer or caption, or a box of IoU under 0.5.

            --sweep QUESTIONS: a row for each column over a VQAv2 questions file: VQA accuracy (over --annotations), \
            agreement with the first column, mean probability of the answer, median milliseconds, mean GFLOPs, state \
            bytes, mean reconstruction error.

            With --json an IMAGE gives image, question, phrase, warnings, columns; a column has checkpoint, hash, \
            preset, kind, k, visionAtoms, caption, tokens [{text, probability}], answer, candidates [{answer, \
            probability}], box [x, y, width, height], milliseconds, visionMilliseconds, gflops, operations \
            {projections, analysis, modulation, synthesis, attention, perceptrons, heads}, stateBytes, \
            reconstructionError, agreement {sameAnswer, sameCaption, captionOverlap, boxIoU}, matching [{stack, \
            tolerance, pairs [{first, other, bins, isConjugate}], onlyFirst, onlyOther}]. --disagree gives such an \
            object for each place, on a line of its own, without matching. A sweep gives rows, each checkpoint, kind, \
            k, questions, images, accuracy, agreement, probability, milliseconds, gflops, stateBytes, \
            reconstructionError, and problems. Keys that do not apply are absent.

            Examples:
              sdict compare scene.png --k 34,16,8 --question "what colour is the circle?"
              sdict compare scene.png --phrase "the red ring" --against runs/paper/checkpoint
              sdict compare --disagree photos --k 34,4 --question "how many objects are there?"
              sdict compare --sweep test/questions.json --k 34,16,8,4 --format markdown --output sweep.md
            """)

    @Argument(help: "PNG, JPEG or WebP file.")
    var image: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Vision atoms of each column, separated by commas.", valueName: "list"))
    var k: String?

    @Option(
        help: ArgumentHelp(
            "Another checkpoint as a column, at all of its atoms or at K; may be given again.", valueName: "dir[:k]"))
    var against: [String] = []

    @Option(
        help: ArgumentHelp(
            "Checkpoint folder, or the name of a bundled one (default: the config's, else \(Bundled.defaultCheckpoint)).",
            valueName: "dir"), completion: .directory)
    var checkpoint: String?

    @OptionGroup var config: ConfigOptions

    @Option(help: "A question about the image; with --disagree it may be given again.")
    var question: [String] = []

    @Option(help: "A phrase to find in the image.")
    var phrase: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("How many answers to list, at least 1.", valueName: "n"))
    var candidates = 5

    @Option(help: ArgumentHelp("Look for disagreements in this folder of images.", valueName: "dir"))
    var disagree: String?

    @Option(help: ArgumentHelp("Ask the questions of this VQAv2 questions file.", valueName: "file"))
    var sweep: String?

    @Option(help: ArgumentHelp("The sweep's images (default: images beside the questions).", valueName: "dir"))
    var images: String?

    @Option(help: ArgumentHelp("The sweep's answers (default: annotations.json beside the questions).", valueName: "file"))
    var annotations: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only the first n questions of a sweep, or disagreements of a folder.", valueName: "n"))
    var limit: Int?

    @Option(help: "How a sweep is written: text, csv, markdown or json.")
    var format: SweepFormat?

    @Option(help: ArgumentHelp("Write a sweep to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "Print JSON, one object to a line, instead of text.")
    var json = false

    @Option(parsing: .unconditional, help: "Seed of whatever is drawn at random; here nothing is.")
    var seed: UInt64 = 0

    @Option(help: "Analysis and synthesis on image grids: dense, fourier, or automatic (whichever is measured faster).")
    var transform = Transform.automatic

    /// The list of `--k`, once everything that was asked for makes sense together.
    ///
    /// - Throws: `WrongUse`.
    private func checkedAtoms() throws -> [Int] {
        func require(_ holds: Bool, _ text: String) throws { if !holds { throw WrongUse(description: text) } }
        let k = try k.map(ColumnList.atoms) ?? []
        let modes = [image, disagree, sweep].compactMap { $0 }.count
        try require(
            modes == 1, "expected one of IMAGE, --disagree DIR and --sweep QUESTIONS, found \(modes == 0 ? "none" : "\(modes)")")
        let columns = max(1, k.count) + against.count, most = sweep == nil ? 4 : 64
        try require(
            k.isEmpty && against.isEmpty || (2...most).contains(columns),
            "expected 2 to \(most) columns, found \(columns); give --k two numbers or more, or --against another checkpoint")
        try require(
            !(k.isEmpty && against.isEmpty), "there is nothing to compare with; give --k 34,8 or --against DIR")
        try require(candidates >= 1, "--candidates is out of range: expected at least 1, found \(candidates)")
        try require((limit ?? 1) >= 1, "--limit is out of range: expected at least 1, found \(limit ?? 1)")
        if sweep == nil {
            let misplaced = ["--images": images, "--annotations": annotations, "--format": format?.rawValue, "--output": output]
                .filter { $0.value != nil }.keys.sorted()
            try require(misplaced.isEmpty, "\(misplaced.first ?? "") belongs to --sweep QUESTIONS; give both")
        } else {
            try require(
                question.isEmpty && phrase == nil, "--sweep asks the questions of its file; leave out --question and --phrase")
            try require(
                !json || format == nil || format == .json,
                "--json and --format \(format?.rawValue ?? "") contradict each other; choose one")
        }
        if disagree == nil {
            try require(question.count <= 1, "expected one --question, found \(question.count); ask one at a time")
        }
        if image != nil { try require(limit == nil, "--limit belongs to --sweep and --disagree; leave it out") }
        return k
    }

    func run() async throws {
        let checkpoint = checkpoint ?? config.settings.checkpoint
        let columns = try await Columns(checkpoint: checkpoint, ks: checkedAtoms(), against: against, transform: transform)
        if let sweep {
            try await run(sweep: sweep, columns)
        } else if let disagree {
            try await run(folder: disagree, columns)
        } else if let image {
            try await run(image: image, columns)
        }
    }

    // MARK: One image

    private func run(image path: String, _ columns: Columns) async throws {
        let image = try ImageFile.load(path)
        let request = ComparisonRequest(question: question.first, phrase: phrase, candidates: candidates)
        let warnings = try await columns.warnings(image, request)
        let comparison = try await Comparison.run(columns.sources, image: image, requests: [request])[0]
        let report = CompareReport(image: path, request: request, comparison, withAtoms: true, warnings: warnings)
        if json { return try Output.json(report) }
        for line in warnings { Output.warning("\(path.printable): \(line)") }
        report.lines.forEach(Output.line)
    }

    // MARK: A folder

    private func run(folder: String, _ columns: Columns) async throws {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw QuestionFileError.noFolder(path: folder)
        }
        let paths = names.sorted().filter { name in
            !name.hasPrefix(".") && ["png", "jpg", "jpeg", "webp"].contains((name as NSString).pathExtension.lowercased())
        }.map { (folder as NSString).appendingPathComponent($0) }
        var requests = question.map {
            ComparisonRequest(wantsCaption: false, question: $0, candidates: candidates, warmsUp: false)
        }
        if let phrase { requests.append(ComparisonRequest(wantsCaption: false, phrase: phrase, warmsUp: false)) }
        let failures = Failures()
        let search = DisagreementSearch(
            columns.sources, images: paths, requests: requests,
            progress: { progress in
                if let problem = progress.problem {
                    Output.problem(problem)
                    failures.count.add(1, ordering: .relaxed)
                }
            })
        var found = 0
        for try await place in search {
            found += 1
            let report = CompareReport(image: place.path, request: place.request, place.comparison, withAtoms: false)
            if json { try Output.json(report) } else { report.shortLines.forEach(Output.line) }
            if found == limit { break }
        }
        let unread = failures.count.load(ordering: .relaxed)
        if !json {
            let read = " on \(paths.count - unread) images" + (unread == 0 ? "" : "; \(unread) could not be read")
            Output.problemText("\(found) disagreements" + (found == limit ? ", the first of them" : read))
        }
        if unread > 0 { throw ExitCode(1) }
    }

    /// Images that could not be read, counted from within the search.
    private final class Failures: Sendable {
        let count = Atomic<Int>(0)
    }

    // MARK: A sweep

    private func run(sweep path: String, _ columns: Columns) async throws {
        let answers = annotations ?? AskedQuestions.annotationsPath(beside: path)
        try OutputPath.require(output, of: "--output", isNoneOf: [path, answers])
        let questions = try questions(path), every = max(1, questions.count / 10)
        let sweep = try await ComparisonSweep.run(
            columns.sources, questions: questions,
            progress: { progress in
                // A word at every tenth, and at the end.
                if progress.done == progress.total || progress.done % every == 0 {
                    Output.problemText("\(progress.done) of \(progress.total) questions")
                }
            })
        for problem in sweep.problems { Output.problem(problem) }
        let text = try SweepReport.text(sweep, as: json ? .json : format ?? .text)
        if let output {
            try AtomicFile.write(path: output, Data(text.utf8))
        } else {
            // Its last line ends when `line` ends it; by scalars, for CR LF is one character.
            Output.line(String(String.UnicodeScalarView(text.unicodeScalars.dropLast())))
        }
        if !sweep.problems.isEmpty { throw ExitCode(1) }
    }

    private func questions(_ path: String) throws -> [SweepQuestion] {
        let records = try QuestionFiles.questions(path).prefix(limit ?? .max)
        let answerPath = annotations ?? AskedQuestions.annotationsPath(beside: path)
        var answers: [Int: [String]]?
        if annotations != nil || FileManager.default.fileExists(atPath: answerPath) {
            answers = try QuestionFiles.answers(answerPath)
        } else {
            Output.warning("no \(answerPath.printable): accuracy is left out; name the file with --annotations")
        }
        let folder = (path as NSString).deletingLastPathComponent as NSString
        let images = try QuestionFiles.Images(folder: images ?? folder.appendingPathComponent("images"))
        return try records.map { record in
            let given = answers?[record.questionId]
            if answers != nil, given == nil {
                throw QuestionFileError.notAnnotated(path: answerPath, question: record.questionId)
            }
            return SweepQuestion(image: try images.path(of: record.imageId), question: record.question, answers: given ?? [])
        }
    }
}
