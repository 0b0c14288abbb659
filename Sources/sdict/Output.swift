import Foundation
import SpectralFormats

/// Standard output and standard error, unbuffered, so that progress shows when they are piped to a file.
enum Output {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

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

    static func problemText(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
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
