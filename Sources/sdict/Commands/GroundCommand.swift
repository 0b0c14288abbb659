import ArgumentParser
import Foundation
import SpectralEngine

struct GroundCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ground",
        abstract: "Find what a phrase refers to in an image.",
        discussion: """
            Prints the box as x, y, width and height in pixels of the image given, from its top left.

            With --json: image, box [x, y, width, height], k, milliseconds, warnings.

            Examples:
              sdict ground scene.png "the small red square"
              sdict ground --json scene.png "the striped ring"
            """)

    @Argument(help: "PNG, JPEG or WebP file.", completion: .images)
    var image: String

    @Argument(help: "The phrase, in quotes.")
    var phrase: String

    @OptionGroup var options: ModelOptions

    func run() async throws {
        let engine = try await options.engine()
        let result = try await engine.run(.ground(phrase: phrase), imagePath: image, options: options)
        guard case .box(let made) = result.output else { return }
        if options.json {
            try Output.json(ResultJSON.Box(image: image, made, warnings: result.warnings))
        } else {
            Output.line(made.box.values.map { String(format: "%.1f", $0) }.joined(separator: " "))
        }
    }
}
