import ArgumentParser
import Foundation
import SpectralFormats
import SpectralModel
import SpectralTraining

extension QuestionFormat: ExpressibleByArgument {}

struct EvalVQA: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vqa",
        abstract: "Measure answers, on data in the VQAv2, easy-VQA or Sort-of-CLEVR form.",
        discussion: """
            Answers every question, writes the answers to --out as VQAv2 results ([{question_id, answer}], which the public \
            evaluator reads) and prints accuracy: overall and by kind of answer (Sort-of-CLEVR: relational or not), and for \
            VQAv2 by question type, under the official rules (normalised answers, the consensus of ten people); of the other \
            formats the share of right answers. The table says how many questions have answers that the checkpoint does not \
            know.

            Format vqav2 is a questions JSON with its annotations; easy-vqa a list of [question, answer, image id], with images \
            <id>.png; sort-of-clevr a list of {image, question, answer, relational}. Questions without ids have their place \
            in the file, from 0.

            What was done is kept in FILE.partial until the end: after an interruption the same command goes on from \
            there. Questions about an image that cannot be read get empty answers, the image a warning, and the status is 1.

            With --json: command, data, questions, unanswerable, columns [{model, scores {rules, overall, kinds, types}}].

            Examples:
              sdict eval vqa --data questions.json --images images --out results.json
              sdict eval vqa --format easy-vqa --data questions.json --images images --out results.json --blank
            """)

    @Option(help: ArgumentHelp("Questions, JSON.", valueName: "file"), completion: .file())
    var data: String

    @Option(
        help: ArgumentHelp("VQAv2 annotations (default: annotations.json beside the questions).", valueName: "file"),
        completion: .file())
    var annotations: String?

    @OptionGroup var set: DataOptions

    @Option(help: "vqav2, easy-vqa or sort-of-clevr (default: told by the file).")
    var format: QuestionFormat?

    @Flag(help: "Measure a grey image in place of each too: what can be answered without seeing.")
    var blank = false

    @Option(
        parsing: .unconditional, help: ArgumentHelp(
            "Ask only about every n-th image, those that training with \"holdOut\": n left out.", valueName: "n"))
    var holdOut: Int?

    @OptionGroup var options: ModelOptions

    func validate() throws {
        if let holdOut, holdOut < 1 {
            throw ValidationError("--hold-out is out of range: expected at least 1, found \(holdOut)")
        }
    }

    func run() throws {
        try set.requireOutputs(areNoneOf: [data, annotations ?? AskedQuestions.annotationsPath(beside: data)])
        let format = try format ?? QuestionFormat(of: data)
        if annotations != nil, format != .vqav2 {
            throw WrongUse(description: "--annotations belongs to format vqav2; \(format.rawValue) has its answers in --data")
        }
        var all = try AskedQuestions.read(data, annotations: annotations, images: set.images, format: format)
        if let holdOut {
            let heldOut = HeldOut.images(of: all, every: holdOut)
            all.removeAll { !heldOut.contains($0.image) }
            guard !all.isEmpty else {
                throw WrongUse(description: "--hold-out \(holdOut) leaves no image of \(data.printable); give a smaller number")
            }
        }
        let questions = Array(all.prefix(set.limit ?? all.count)), paths = Set(questions.map(\.image))
        try DataMeasurement.requireAny(of: paths.sorted(), in: set.images)
        let main = try MeasuredCheckpoint(options.checkpoint, options, for: .vqa)
        let rivals = try MeasuredCheckpoint.rivals(set.against, of: main, options, for: .vqa)
        let measurement = try DataMeasurement(
            set,
            settings: OutputSettings(
                task: "vqa", checkpoint: main.hash, k: main.k, decoding: "answers", data: ContentHash.file(data),
                format: format.rawValue, images: URL(fileURLWithPath: set.images).path, holdOut: holdOut))
        let rules: [AnswerScores.Rules] =
            format != .vqav2 ? [.single] : AnswerScores.areNormalised(questions) ? [.official] : [.official, .bothNormalised]

        func columns(
            _ checkpoint: MeasuredCheckpoint, isMain: Bool, blank: Bool
        ) throws -> ([AnswerReport.Column], [ModelOutput]) {
            let addition = blank ? ", blank" : ""
            let outputs = try measurement.outputs(
                checkpoint.name + addition, ids: questions.map(\.id), noun: "questions", isMain: isMain
            ) { start, each in
                try checkpoint.model.giveAnswers(
                    to: Array(questions[start...]), OutputPlan(k: checkpoint.k, blank: blank),
                    unreadable: { if isMain { Output.warning($0) } }, each: each)
            }
            let columns = rules.map { rule in
                AnswerReport.Column(
                    model: checkpoint.column(addition + (rule == .bothNormalised ? ", both" : "")),
                    scores: AnswerScores(questions, answers: outputs.map(\.text), rules: rule))
            }
            return (columns, outputs)
        }

        var (made, outputs) = try columns(main, isMain: true, blank: false)
        try ResultFiles.write(outputs.map { AnswerResult(questionId: $0.id, answer: $0.text) }, to: set.out)
        if blank { made += try columns(main, isMain: false, blank: true).0 }
        for rival in rivals {
            made += try columns(rival, isMain: false, blank: false).0
            if blank { made += try columns(rival, isMain: false, blank: true).0 }
        }
        let unreadable = Set(zip(questions, outputs).filter(\.1.isUnreadable).map(\.0.image)).count
        let report = AnswerReport(
            command: set.command(
                "vqa", data: data,
                more: ["--format \(format.rawValue)"] + DataOptions.option("annotations", path: annotations)
                    + (holdOut.map { ["--hold-out \($0)"] } ?? [])
                    + (blank ? ["--blank"] : []), options),
            data: MeasuredData(
                name: URL(fileURLWithPath: data).lastPathComponent, format: format.rawValue, images: paths.count,
                unreadable: unreadable),
            questions: questions.count, unanswerable: AnswerScores.unanswerable(questions, answers: main.model.answers),
            columns: made)
        try measurement.finish(report, form: options.json ? .json : set.report, unreadable: unreadable)
    }
}
