import Foundation
import Testing

@testable import SpectralFormats

/// A file of the checkpoint fixtures.
func checkpointFixture(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// A folder of its own for one test, gone with the last reference.
final class ScratchFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func put(_ name: String, _ data: Data) throws -> String {
        try data.write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }
}

/// A message must be one line that a terminal can show as it stands.
func expectOneCleanLine(_ error: any Error, sourceLocation: SourceLocation = #_sourceLocation) {
    let text = "\(error)"
    #expect(!text.isEmpty, sourceLocation: sourceLocation)
    let harmless = text.unicodeScalars.allSatisfy {
        ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
    }
    #expect(harmless, "\(text.debugDescription)", sourceLocation: sourceLocation)
}
