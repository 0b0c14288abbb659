import Foundation
import Testing

/// The built executable, run as a user runs it.
enum Program {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The lines of the output as JSON objects.
        func objects() throws -> [[String: Any]] {
            try lines.map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }
    }

    static func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

    /// - Parameter environment: beside the tests' own.
    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        let tests = try #require(Bundle.main.executableURL)
        let process = Process(), folder = try TemporaryFolder()
        process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("sdict")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Files, not pipes: whatever the program writes fits.
        let output = try folder.write("output", []), errors = try folder.write("errors", [])
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationReason == .exit, "the program was ended by a signal")
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }
}
