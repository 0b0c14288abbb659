import ArgumentParser
import Foundation
import SpectralFormats
import SpectralModel
import SpectralTraining

extension CaptionFormat: ExpressibleByArgument {}

struct EvalCaption: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caption",
        abstract: "Measure captions against people's, on data in the COCO or Flickr8k form.",
        discussion: """
            Captions every image, writes the captions to --out as COCO results ([{image_id, caption}], which the public \
            evaluators read) and prints BLEU-1 to 4, ROUGE-L, METEOR and CIDEr-D, equal to those of the public scorer \
            pycocoevalcap; of METEOR only its modules for equal words and equal stems. Images without ids have their place \
            in the file, from 1.

            Format coco is a captions JSON; flickr8k is lines of an image's name, a tab and a caption under the header \
            `image<TAB>caption`, or names with #0 to #4 behind them and no header.

            What was done is kept in FILE.partial until the end: after an interruption the same command goes on from \
            there. An image that cannot be read gets an empty caption and a warning, and the status is 1.

            With --json: command, data, decoding, columns [{model, scores {bleu, rougeL, meteor, ciderD}, ciderDifference {mean, \
            low, high}, differentCaptions, words [{words, named, saidOfNamed, unnamed, saidOfUnnamed}]}], constant. The \
            difference is the column's CIDEr-D less the first column's, with its 95 % interval.

            Examples:
              sdict eval caption --data captions.json --images images --out results.json
              sdict eval caption --data dev.tsv --images photos --out results.json --beam 4 --table table.md
              sdict eval caption --data dev.tsv --images photos --out results.json --words dog,snow,bicycle/bike/biker
            """)

    @Option(help: ArgumentHelp("Captions: COCO JSON or a Flickr8k table.", valueName: "file"), completion: .file())
    var data: String

    @OptionGroup var set: DataOptions

    @Option(help: "coco or flickr8k (default: told by the file).")
    var format: CaptionFormat?

    @OptionGroup var search: BeamOptions

    @Option(
        help: ArgumentHelp(
            "Training captions: measure beside it the best caption for every image and that of the nearest training image.",
            valueName: "file"), completion: .file())
    var baselines: String?

    @Option(
        help: ArgumentHelp("Folder of the training images (default: that of --images).", valueName: "dir"), completion: .directory)
    var baselineImages: String?

    @Option(
        help: ArgumentHelp(
            "Count in how many captions such words stand, where most people say them and where nobody does: dog,bicycle/bike.",
            valueName: "list"))
    var words: String?

    @OptionGroup var options: ModelOptions

    func validate() throws {
        if baselineImages != nil, baselines == nil {
            throw ValidationError("--baseline-images belongs to --baselines; give that too")
        }
    }

    func run() throws {
        try set.requireOutputs(areNoneOf: [data, baselines])
        let watched = try words.map(Self.watched) ?? []
        let format = try format ?? CaptionFormat(of: data)
        let all = try CaptionFiles.images(data, format: format), images = Array(all.prefix(set.limit ?? all.count))
        let located = images.map { (id: $0.id, path: DataMeasurement.path(of: $0.fileName, in: set.images)) }
        try DataMeasurement.requireAny(of: located.map(\.path), in: set.images)
        let main = try MeasuredCheckpoint(options.checkpoint, options, for: .caption)
        let rivals = try MeasuredCheckpoint.rivals(set.against, of: main, options, for: .caption)
        let plan = OutputPlan(k: main.k, strategy: search.strategy ?? .greedy)
        let measurement = try DataMeasurement(
            set,
            settings: OutputSettings(
                task: "caption", checkpoint: main.hash, k: main.k, decoding: plan.decoding, data: ContentHash.file(data),
                format: format.rawValue, images: URL(fileURLWithPath: set.images).path))

        var first: [CaptionScores]?
        func compared(_ model: MeasuredModel, _ captions: [String]) -> CaptionReport.Column {
            let scored = zip(captions, images).map { ScoredCaption(candidate: $0, references: $1.captions) }
            let scores = CaptionScores.score(scored)
            defer { first = first ?? scores.images }
            return CaptionReport.Column(
                model: model, scores: scores.corpus,
                ciderDifference: first.flatMap { PairedDifference(scores.images.map(\.ciderD), less: $0.map(\.ciderD)) },
                differentCaptions: Set(captions).count, words: WordUse.counted(watched, in: scored))
        }
        func column(_ checkpoint: MeasuredCheckpoint, isMain: Bool) throws -> (CaptionReport.Column, [ModelOutput]) {
            let outputs = try measurement.outputs(
                checkpoint.name, ids: located.map(\.id), noun: "images", isMain: isMain
            ) { start, each in
                try checkpoint.model.writeCaptions(
                    of: Array(located[start...]), OutputPlan(k: checkpoint.k, strategy: search.strategy ?? .greedy),
                    unreadable: { if isMain { Output.warning($0) } }, each: each)
            }
            return (compared(checkpoint.column(), outputs.map(\.text)), outputs)
        }

        let (own, outputs) = try column(main, isMain: true)
        try ResultFiles.write(outputs.map { CaptionResult(imageId: $0.id, caption: $0.text) }, to: set.out)
        let unreadable = outputs.count(where: \.isUnreadable)
        var columns = try [own] + rivals.map { try column($0, isMain: false).0 }
        let blind = try baselines.map { try captionsOfBaselines($0, located.map(\.path), count: images.count) }
        for (title, captions) in blind ?? [] { columns.append(compared(MeasuredModel(baseline: title), captions)) }
        let report = CaptionReport(
            command: set.command(
                "caption", data: data, more: ["--format \(format.rawValue)"] + search.arguments
                    + DataOptions.option("baselines", path: baselines) + DataOptions.option("baseline-images", path: baselineImages)
                    + (watched.isEmpty ? [] : ["--words \(watched.joined(separator: ","))"]),
                options),
            data: MeasuredData(
                name: URL(fileURLWithPath: data).lastPathComponent, format: format.rawValue, images: images.count,
                unreadable: unreadable),
            decoding: plan.decoding,
            columns: columns, constant: blind?.first?.captions.first)
        try measurement.finish(report, form: options.json ? .json : set.report, unreadable: unreadable)
    }

    /// The list of `--words`, in lower case and without blanks around its words.
    ///
    /// - Throws: `WrongUse` for what can never be one word of a caption.
    private static func watched(_ list: String) throws -> [String] {
        let tokeniser = CaptionTokeniser()
        return try list.lowercased().split(separator: ",", omittingEmptySubsequences: false).map { group in
            let words = group.split(separator: "/", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
            guard words.allSatisfy({ tokeniser.tokens($0) == [$0] }) else {
                throw WrongUse(description: "--words: expected words such as dog,bicycle/bike, found \(String(group).printable)")
            }
            return words.joined(separator: "/")
        }
    }

    /// - Returns: what the best constant caption and the nearest training image say of each image.
    private func captionsOfBaselines(
        _ file: String, _ paths: [String], count: Int
    ) throws -> [(title: String, captions: [String])] {
        let training = try CaptionFiles.images(file, format: CaptionFormat(of: file)), folder = baselineImages ?? set.images
        let pictures = training.map { DataMeasurement.path(of: $0.fileName, in: folder) }
        try DataMeasurement.requireAny(of: pictures, in: folder)
        let baselines = CaptionBaselines(training: training), constant = baselines.constant()
        Output.problemText("baselines: comparing with \(training.count) training images")
        // One at a time: only what is compared stays in memory.
        let nearest = baselines.nearest(
            to: paths.lazy.map { try? ImageFile.load($0) }, among: pictures.lazy.map { try? ImageFile.load($0) })
        return [("constant", [String](repeating: constant, count: count)), ("nearest", nearest)]
    }
}
