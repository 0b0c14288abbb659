import Foundation
import Testing

@testable import SpectralFormats

/// A file of the checkpoint fixtures.
func checkpointFixture(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures").appendingPathComponent(name).path
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
