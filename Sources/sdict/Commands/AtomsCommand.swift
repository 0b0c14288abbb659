import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel

struct AtomsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "atoms",
        abstract: "List a stack's frequency atoms, or look at one; with an image, what they did for the answer.",
        discussion: """
            Without --atom: a table with frequency (u, v: cycles per patch; t: per token), period, amplitude, mean |C| and flags. With \
            --image: also each atom's share of the energy and its effect on the answer, in nats of the answer's \
            log-probability (IoU for a box), measured by muting the atom and asking again; then where the image fed \
            the leading atoms, the phase alignment of image and words, and what the output reads of each patch.

            With --atom: that atom through the layers and its spectra as small heatmaps.

            With --usage: each vision and fusion atom's share of its stack's energy over images (median, quartiles, \
            range), the dead, the duplicates, and the images where it carries most; fusion is measured with the caption \
            prompt. With --stack and --atom the histogram of one and more of its images. What was measured is kept in \
            $XDG_CACHE_HOME/sdict, else ~/.cache/sdict, for the next time.

            With --coherence: how alike the stack's atoms are on its tokens, all pairs, and the most alike.

            The task is a question with --question, a box with --phrase, otherwise a caption.

            With --json: checkpoint, k, stack, thresholds, records; with an image also image, words, output, score, \
            unit, method, effects, overlay, alignment, angle, reading [{word, largest, map}] (what is read of the patches after each word of the output, to choose the next), layer; with --atom also detail; with --coherence also \
            coherence {stack, tokens, matrix, pairs}. --usage gives checkpoint, k, n, images, unreadable, thresholds, atoms \
            [{stack, index, frequency, period, periodUnit, rasterAxes, n, minimum, lowerQuartile, median, upperQuartile, \
            maximum, isDead, duplicateOf, imageParts, histogram {decibels, bins, zeros}, top}]. Matrices hold every \
            number, row by row.

            Examples:
              sdict atoms --stack vision
              sdict atoms --image scene.png --question "what colour is the circle?"
              sdict atoms --stack vision --atom 7
              sdict atoms --usage photos --json
              sdict atoms --stack fusion --coherence
            """)

    @Option(help: ArgumentHelp("PNG, JPEG or WebP file to look at the atoms with.", valueName: "file"))
    var image: String?

    @Option(help: "A question about the image.")
    var question: String?

    @Option(help: "A phrase to find in the image.")
    var phrase: String?

    @Option(help: "vision, text or fusion (default: fusion; with --usage vision and fusion).")
    var stack: AtomStack?

    @Option(parsing: .unconditional, help: ArgumentHelp("Look at this atom.", valueName: "n"))
    var atom: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Layer to look at (default: of an atom the first, of an answer the last).", valueName: "n"))
    var layer: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many leading atoms to show in heatmaps, or images with --usage, at least 1.", valueName: "n"))
    var top = 8

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Measure the use of the atoms over these folders of images, or image files.", valueName: "path"))
    var usage: [String] = []

    @Flag(help: "With --usage: measure every image anew and keep nothing.")
    var noCache = false

    @Flag(help: "How alike the stack's atoms are on its tokens.")
    var coherence = false

    @OptionGroup var options: ModelOptions

    func validate() throws {
        if question != nil, phrase != nil { throw ValidationError("--question and --phrase exclude each other; choose one") }
        if image == nil, question != nil || phrase != nil {
            throw ValidationError("a question or phrase needs an image; add --image FILE")
        }
        let modes = [
            "--usage": !usage.isEmpty, "--coherence": coherence, "--image": image != nil, "--atom": atom != nil && usage.isEmpty,
        ]
        let asked = modes.filter(\.value).keys.sorted()
        if asked.count > 1, !usage.isEmpty || coherence {
            throw ValidationError("\(asked[0]) and \(asked[1]) exclude each other; choose one")
        }
        if !usage.isEmpty, stack == .text {
            throw ValidationError(
                "--usage leaves out text atoms: a caption's prompt is the same for every image; choose vision or fusion")
        }
        if !usage.isEmpty, atom != nil, stack == nil { throw ValidationError("--usage with --atom needs --stack vision or fusion") }
        if noCache, usage.isEmpty { throw ValidationError("--no-cache belongs to --usage PATH; give both") }
        if coherence, options.k != nil { throw ValidationError("--coherence is of all atoms; leave --k out") }
        if !usage.isEmpty, layer != nil { throw ValidationError("--usage is of all layers; leave --layer out") }
        guard top >= 1 else { throw ValidationError("--top is out of range: expected at least 1, found \(top)") }
    }

    func run() async throws {
        if usage.isEmpty { try printAtoms() } else { try await printUsage() }
    }

    private func printAtoms() throws {
        let stack = stack ?? .fusion
        let model = try LoadedModel(path: Bundled.checkpointPath(options.checkpoint), transform: options.transform)
        for warning in model.warnings { Output.warning(warning) }
        let limit = model.config.visionAtoms
        try ModelOptions.check(k: options.k, of: model.config)
        guard let bare = model.atomTable(stack), let layers = model.model.atoms(of: stack)?.layers.count else {
            throw LensError.noAtoms(operation: "listing atoms")
        }
        if let layer, !(0..<layers).contains(layer) {
            throw WrongUse(description: "--layer is out of range: expected 0 to \(layers - 1), found \(layer)")
        }
        if let atom, !bare.records.indices.contains(atom) {
            throw WrongUse(description: "--atom is out of range: expected 0 to \(bare.records.count - 1), found \(atom)")
        }

        var report = AtomsReport(
            checkpoint: options.checkpoint, k: options.k ?? limit, stack: stack, table: bare, top: top)
        if let image { try look(at: image, with: model, stack, into: &report) }
        if coherence { report.coherence = model.coherence(of: stack) }
        if let atom { report.detail = try model.detail(of: stack, atom: atom, layer: layer ?? 0) }
        if options.json { try Output.json(report) } else { for line in report.lines { Output.line(line) } }
    }

    private func look(at path: String, with model: LoadedModel, _ stack: AtomStack, into report: inout AtomsReport) throws {
        let image = try ImageFile.load(path), seen = model.see(image, k: options.k)
        let reading = try Familiarity.read(folder: model.folder.path, config: model.config)?.measure(model.see(image))
        let odd = ((question ?? phrase).map(model.promptWarnings) ?? []).map(\.description) + [reading?.warning].compactMap { $0 }
        for line in odd { Output.warning("\(path.printable): \(line)") }
        let task: SpecialToken = question != nil ? .vqa : phrase != nil ? .ground : .caption
        let probe = try AnswerProbe(model, seen, task: task, prompt: question ?? phrase ?? "")
        let output = probe.choose()
        let trace = probe.trace(output), attribution = probe.attribution(of: output, stack: stack)
        if let table = trace.table(stack) { report.table = table }
        report.image = path
        report.words = trace.words
        report.output = Self.text(of: output, model)
        report.attribution = attribution
        let fusion = stack == .fusion ? attribution : probe.attribution(of: output)
        // A layer of another stack says nothing about which fusion layer to look at.
        let fusionLayer = stack == .fusion ? layer : nil
        report.overlay = trace.overlay(fusion, top: top, layer: fusionLayer)
        report.alignment = trace.alignment(layer: fusionLayer)
        report.reading = trace.wordReading(layer: fusionLayer)
        report.leading = fusion.top(top).map(\.atom)
    }

    private static func text(of output: ChosenOutput, _ model: LoadedModel) -> String {
        switch output {
        case .answer(let index): model.answers[index]
        case .tokens(let ids, _): model.tokenizer.decode(ids).trimmingCharacters(in: .whitespacesAndNewlines)
        case .box(let shares):
            "centre \(shares[0]), \(shares[1]), size \(shares[2]) x \(shares[3]) (shares of the image)"
        }
    }
}

extension AtomStack: ExpressibleByArgument {}
