import ArgumentParser
import SpectralEngine
import SpectralModel

struct CaptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caption",
        abstract: "Describe images.",
        discussion: """
            Prints one caption a line; with several images each line begins with the image's path. An image that \
            cannot be read is named on standard error, the others still run, and the status is 1.

            Words are chosen greedily unless --beam, or --top-p or --temperature, says otherwise. The same seed gives \
            the same text.

            With --json each image gives one object on a line: image, caption, tokens [{text, probability}], k, \
            milliseconds, warnings.

            Examples:
              sdict caption scene.png
              sdict caption --json --beam 4 --length-penalty 0.7 *.png
              sdict caption --top-p 0.9 --temperature 0.8 --seed 3 scene.png
            """)

    @Argument(help: ArgumentHelp("PNG, JPEG or WebP files.", valueName: "image"), completion: .images)
    var images: [String]

    @OptionGroup var options: ModelOptions

    @OptionGroup var search: BeamOptions

    @Option(
        parsing: .unconditional, help: ArgumentHelp(
            "Draw each word from the likeliest that hold this share of the probability, above 0 to 1. Default: 1.",
            valueName: "share"))
    var topP: Float?

    @Option(
        parsing: .unconditional, help: ArgumentHelp(
            "Draw words with probabilities raised to 1 / t, 0 to 100; below 1 is more cautious. Default: 1.", valueName: "t"))
    var temperature: Float?

    func validate() throws {
        if search.beam != nil, topP != nil || temperature != nil {
            throw ValidationError("--beam searches and --top-p and --temperature draw; give one or the other")
        }
        func require(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        if let p = topP {
            try require(p > 0 && p <= 1, "--top-p is out of range: expected above 0 and at most 1, found \(p)")
        }
        if let t = temperature {
            try require((0...100).contains(t), "--temperature is out of range: expected 0 to 100, found \(t)")
        }
    }

    private var strategy: DecodingStrategy {
        if let search = search.strategy { return search }
        if topP != nil || temperature != nil {
            return .nucleus(topP: topP ?? 1, temperature: temperature ?? 1, seed: options.seed)
        }
        return .greedy
    }

    func run() async throws {
        let engine = try await options.engine()
        var failed = false
        for path in images {
            do {
                let result = try await engine.run(.caption(strategy), imagePath: path, options: options)
                guard case .caption(let made) = result.output else { continue }
                if options.json {
                    try Output.json(ResultJSON.Caption(image: path, made, warnings: result.warnings))
                } else {
                    Output.line((images.count > 1 ? "\(path.printable): " : "") + made.caption.printable)
                }
            } catch let error as WrongUse {
                throw error
            } catch {
                Output.problem("\(error)")
                failed = true
            }
        }
        if failed { throw ExitCode(1) }
    }
}
