import ArgumentParser
import SpectralEngine
import SpectralFormats

struct BlendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blend",
        abstract: "Make the checkpoint that lies between two of one run.",
        discussion: """
            Every weight is that share of the first checkpoint's plus the rest of the second's. Between a run's weights before \
            and after its last stage this can score higher than either, as it did for the bundled photos. Of two runs that began \
            apart nothing sensible comes out.

            What was measured of the two is not true of the new one and stays behind: sdict inspect --write-familiarity and \
            sdict eval measure it anew. The line printed is its hash and folder.

            Example, for a run whose checkpoint of an earlier step was copied to photos-before:
              sdict blend photos-before runs/photos/checkpoint --share 0.2 --out photos-between
            """)

    @Argument(help: "Checkpoint folder, or the name of a bundled one.", completion: .directory)
    var first: String

    @Argument(help: "Another of the same model; the new one goes by its run and step.", completion: .directory)
    var second: String

    @Option(parsing: .unconditional, help: "How much of the first, above 0 and below 1.")
    var share: Float

    @Option(help: ArgumentHelp("Folder for the new checkpoint, empty or not there yet.", valueName: "dir"), completion: .directory)
    var out: String

    func validate() throws {
        if !(share > 0 && share < 1) {
            throw ValidationError("--share is out of range: expected above 0 and below 1, found \(share)")
        }
        if out.isEmpty { throw ValidationError("--out names no folder") }
    }

    func run() throws {
        let before = try CheckpointFolder(path: Bundled.checkpointPath(first))
        let after = try CheckpointFolder(path: Bundled.checkpointPath(second))
        let runs = [before, after].map { $0.weights.metadata["run"] ?? "" }
        if runs[0] != runs[1] {
            let names = runs.map(\.printable).joined(separator: ", ")
            Output.warning("their runs have other names (\(names)): between two runs lies nothing sensible")
        }
        try before.blend(with: after, share: share, to: out)
        Output.line("\(try CheckpointFolder(path: out).contentHash())  \(out.printable)")
    }
}
