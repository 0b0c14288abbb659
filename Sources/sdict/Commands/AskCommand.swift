import ArgumentParser
import Foundation
import SpectralEngine

struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask a question about an image.",
        discussion: """
            Prints the answer, then the likeliest answers with their probabilities, indented. Answers come from the \
            checkpoint's list; `sdict inspect` says how many there are.

            With --json: image, answer, candidates [{answer, probability}] best first, k, milliseconds, warnings.

            Examples:
              sdict ask scene.png "what colour is the circle?"
              sdict ask --k 8 --json scene.png "how many objects are there?"
            """)

    @Argument(help: "PNG, JPEG or WebP file.", completion: .images)
    var image: String

    @Argument(help: "The question, in quotes.")
    var question: String

    @Option(parsing: .unconditional, help: ArgumentHelp("How many answers to list, at least 1.", valueName: "n"))
    var candidates = 5

    @OptionGroup var options: ModelOptions

    func validate() throws {
        guard candidates >= 1 else {
            throw ValidationError("--candidates is out of range: expected at least 1, found \(candidates)")
        }
    }

    func run() async throws {
        let engine = try await options.engine()
        let result = try await engine.run(
            .ask(question: question, candidates: candidates), imagePath: image, options: options)
        guard case .answer(let made) = result.output else { return }
        if options.json {
            try Output.json(ResultJSON.Answer(image: image, made, warnings: result.warnings))
        } else {
            Output.line(made.answer.printable)
            for candidate in made.candidates {
                Output.line(String(format: "  %.3f  ", candidate.probability) + candidate.text.printable)
            }
        }
    }
}
