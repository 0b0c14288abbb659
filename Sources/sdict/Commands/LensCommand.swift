import ArgumentParser
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel

struct LensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lens",
        abstract: "Edit atoms and see what it does to an answer, beside the same edit on random atoms.",
        discussion: """
            Asks once as the model is (the baseline), then again with atoms edited, and says how the baseline's output \
            stands under the edit: change in log-probability for each token (a text is scored on the baseline's words), \
            all answers' probabilities, KL divergence; for a box the IoU. The task is a question with --question, a box \
            with --phrase, otherwise a caption.

            Atoms are named vision/17, or fusion/2/40 for one layer. A band names all atoms in use with such a frequency: \
            vision:0.25..0.5 in cycles per patch, text:..0.1 in cycles per token; fusion bands count patches, or tokens \
            with /token at the end; fusion/2:0.25.. is of one layer. Both ends are included, and an end left out is open. \
            Several are joined by commas, every option may be given again, and edits multiply where they meet.

            Controls do the same to random other atoms: as many of the same stacks and layers, with energy on this image \
            as near as can be. The report says how near, and where the edit's change stands among theirs: percentile and \
            two-sided p. n controls give no p under 2 / (n + 1). Control i and shuffle i are drawn from --seed + i.

            With --json: checkpoint, image, task, prompt, k, seed, unit, warnings, baseline. With edits: edits [{stack, \
            atoms, actions [{action, value, layer}], energyShare}], edited, controls {requested, tolerance, \
            withinTolerance, standing {effect, count, percentile, pValue, smallestPValue, mean, standardDeviation, median, \
            minimum, maximum}, sets [{seed, atoms, energyRatios, output, same, score, change, divergence}]}, lists in the \
            order of edits. With --blank: blank. With --shuffles: shuffles, each with seed. With --rank: ranking [{atom, \
            frequency, energyShare, output, same, score, change, divergence}] by size of change. baseline, edited, blank \
            and shuffles hold output, same, score, change, divergence, tokens [{text, logProbability, change, \
            divergence}], answers [{answer, probability}] in the checkpoint's order, box [x, y, width, height] in pixels. \
            score says how the baseline's output stands, in unit: nats of log-probability, or IoU for a box; change is \
            that less the baseline's; divergence is KL(baseline, now) in nats; same is whether the output is the \
            baseline's. No number is rounded, and what does not apply is left out.

            Examples:
              sdict lens scene.png --question "what color is the circle?" --mute vision:0.25..
              sdict lens scene.png --solo vision/0,vision/1,vision/2 --controls 99
              sdict lens scene.png --phrase "the red circle" --shift fusion/2/4=1.57 --scale vision/3=0.5
              sdict lens scene.png --question "is the scene dark?" --rank --stack vision --blank --shuffles 8 --json
            """)

    @Argument(help: "PNG, JPEG or WebP file.", completion: .images)
    var image: String

    @Option(help: "A question about the image.")
    var question: String?

    @Flag(help: "The caption of the image (the default).")
    var caption = false

    @Option(help: "A phrase to find in the image.")
    var phrase: String?

    @Option(help: ArgumentHelp("Take these atoms away.", valueName: "atoms"))
    var mute: [String] = []

    @Option(help: ArgumentHelp("Take away all other atoms of their stack (of their layer, if one is named).", valueName: "atoms"))
    var solo: [String] = []

    @Option(help: ArgumentHelp("Multiply these atoms' coefficients by a factor.", valueName: "atoms=factor"))
    var scale: [String] = []

    @Option(help: ArgumentHelp("Add to these atoms' phase, in radians.", valueName: "atoms=radians"))
    var shift: [String] = []

    @Option(help: ArgumentHelp("Take a band away; the same as --mute with a band.", valueName: "band"))
    var band: [String] = []

    @Option(
        parsing: .unconditional, help: ArgumentHelp(
            "How many random sets get the same edits, 0 to 10000 (default: \(RandomControls.usualCount)).", valueName: "n"))
    var controls: Int?

    @Flag(help: "Mute every atom in turn and list them by effect.")
    var rank = false

    @Option(help: "Of --rank: vision, text or fusion only.")
    var stack: AtomStack?

    @Option(parsing: .unconditional, help: ArgumentHelp("Of --rank: how many atoms to print as text, at least 1.", valueName: "n"))
    var top = 20

    @Flag(help: "Ask about a grey image as well.")
    var blank = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Ask about the image with its patches shuffled, so many times, 0 to 10000.", valueName: "n"))
    var shuffles = 0

    @OptionGroup var options: ModelOptions

    func run() async throws {
        let asked = try request()
        let engine = try await options.engine(), picture = try ImageFile.load(image)
        let task: SpecialToken = question != nil ? .vqa : phrase != nil ? .ground : .caption
        let prompt = question ?? phrase ?? "", mayGoWithout = controls == nil
        let reading = await engine.familiarity(of: picture)
        let report: LensReport, warnings: [String]
        do {
            (report, warnings) = try await engine.withSeen(picture, k: options.k) { model, seen in
                let probe = try AnswerProbe(model, seen, task: task, prompt: prompt)
                var request = asked, warnings = task == .caption ? [] : model.promptWarnings(prompt).map(\.description)
                let plan = try EditPlan(request.edits, population: AtomPopulation(model, k: seen.k))
                if mayGoWithout, let problem = plan.controlsProblem {
                    warnings.append(problem.description)
                    request.controls = 0
                }
                return (try probe.lens(request), warnings)
            }
        } catch let error as LensEditError {
            // Edits come from the command line only.
            throw WrongUse(description: error.description)
        }
        let document = LensDocument(
            checkpoint: options.checkpoint, image: image, imageWidth: picture.width, imageHeight: picture.height,
            task: question != nil ? "question" : phrase != nil ? "phrase" : "caption", prompt: prompt,
            warnings: warnings + [reading?.warning].compactMap { $0 }, report: report, top: top)
        guard !options.json else { return try Output.json(document) }
        for warning in document.warnings { Output.warning("\(image.printable): \(warning)") }
        for line in document.lines { Output.line(line) }
    }

    /// - Throws: `WrongUse` for options that make no sense together or cannot be read.
    private func request() throws -> LensRequest {
        func require(_ holds: Bool, _ text: String) throws { if !holds { throw WrongUse(description: text) } }
        let tasks = [question != nil, caption, phrase != nil].count { $0 }
        try require(tasks <= 1, "--question, --caption and --phrase exclude each other; choose one")
        var edits: [LensEdit] = []
        for (option, action, texts) in [
            ("mute", "mute", mute), ("solo", "solo", solo), ("scale", "scale", scale), ("shift", "shift", shift),
            ("band", "mute", band),
        ] {
            for text in texts {
                do { edits.append(try LensEdit(action, text)) } catch { throw WrongUse(description: "--\(option): \(error)") }
                let isBand = edits.last?.selections.allSatisfy { if case .band = $0 { true } else { false } } == true
                try require(option != "band" || isBand, "--band: expected a band such as vision:0.25..0.5; --mute takes atoms")
            }
        }
        try require(
            !edits.isEmpty || rank || blank || shuffles != 0,
            "nothing to look into; edit atoms (--mute, --solo, --scale, --shift, --band), or ask for --rank, --blank or --shuffles")
        try require(controls == nil || !edits.isEmpty, "--controls belongs to an edit; add one, such as --mute vision/3")
        try require(stack == nil || rank, "--stack belongs to --rank; give both")
        let most = 10_000
        for (option, count) in [("controls", controls ?? 0), ("shuffles", shuffles)] {
            try require((0...most).contains(count), "--\(option) is out of range: expected 0 to \(most), found \(count)")
        }
        try require(top >= 1, "--top is out of range: expected at least 1, found \(top)")
        return LensRequest(
            edits: edits, controls: edits.isEmpty ? 0 : controls ?? RandomControls.usualCount, blank: blank, shuffles: shuffles,
            ranked: rank ? stack.map { [$0] } ?? AtomStack.allCases : [], seed: options.seed)
    }
}
