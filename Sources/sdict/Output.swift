import Foundation

/// Standard output, unbuffered, so that progress shows when it is piped to a file.
enum Output {
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
