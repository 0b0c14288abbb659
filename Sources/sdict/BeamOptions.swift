import ArgumentParser
import SpectralModel

/// How captions are searched for, for every command that writes them.
struct BeamOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Search with this many hypotheses, 1 to 64 (default: greedy).", valueName: "width"))
    var beam: Int?

    @Option(
        parsing: .unconditional, help: ArgumentHelp(
            "Beam search ranks by log-probability / length^p; 0 favours short texts, 1 the mean. Default: 1.",
            valueName: "p"))
    var lengthPenalty: Float?

    func validate() throws {
        if let beam, !(1...64).contains(beam) {
            throw ValidationError("--beam is out of range: expected 1 to 64, found \(beam)")
        }
        if lengthPenalty != nil, beam == nil { throw ValidationError("--length-penalty belongs to --beam; give both") }
        if let p = lengthPenalty, !(0...4).contains(p) {
            throw ValidationError("--length-penalty is out of range: expected 0 to 4, found \(p)")
        }
    }

    /// `nil` where no search was asked for.
    var strategy: DecodingStrategy? { beam.map { .beam(width: $0, lengthPenalty: lengthPenalty ?? 1) } }

    /// As they are given again, for the line that says how a table was measured.
    var arguments: [String] {
        (beam.map { ["--beam \($0)"] } ?? []) + (lengthPenalty.map { ["--length-penalty \($0)"] } ?? [])
    }
}
