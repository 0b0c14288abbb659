import Foundation
import SpectralFormats

/// Standard output and standard error, unbuffered, so that progress shows when they are piped to a file.
enum Output {
    /// Ends the program with status 1 where nothing can be written any more: a full disk, a reader that has gone.
    static func line(_ text: String) {
        do { try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8)) } catch {
            problem("cannot write to standard output; make room on the disk, or read on to the end")
            exit(1)
        }
    }

    /// One JSON object on a line of its own, keys in alphabetical order.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// To standard error: why a job failed.
    static func problem(_ text: String) { problemText("Error: " + text) }

    /// To standard error: why a result may be wrong.
    static func warning(_ text: String) { problemText("Warning: " + text) }

    /// To standard error. Messages may quote arguments and files, so what could act on a terminal is spelled out.
    static func problemText(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable + "\n" }
        // Where this fails nobody is left to tell.
        try? FileHandle.standardError.write(contentsOf: Data(lines.joined().utf8))
    }
}

extension String {
    /// On one line, harmless to a terminal, whole.
    var printable: String { MessageText.printable(self, limit: .max) }
}

extension Double {
    /// To so many digits after the point.
    func rounded(digits: Int) -> Double {
        let scale = pow(10, Double(digits))
        return (self * scale).rounded() / scale
    }
}
