import Foundation
import SpectralFormats
import Testing

@Suite struct UnknownKeyTests {
    private func unknown(_ given: String, _ known: String) throws -> [String] {
        func read(_ text: String) throws -> Any { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
        return try UnknownKeys.paths(in: read(given), known: read(known))
    }

    @Test func pathsLeadToWhatIsNotKnown() throws {
        let known = #"{"a": 1, "b": {"c": true}, "list": [{"d": 1, "e": 2}], "any": {}, "none": []}"#
        #expect(try unknown(known, known) == [])
        #expect(try unknown("{}", known) == [])
        #expect(try unknown(#"{"b": {"x": 1, "c": 2}, "a": {"y": 1}, "A": 1}"#, known) == ["A", "b.x"])
        #expect(try unknown(#"{"list": [{"d": 1}, {"f": 1, "e": 3}, 7]}"#, known) == ["list.1.f"])
        #expect(try unknown(#"{"any": {"p": {"q": 1}}, "none": [{"r": 1}]}"#, known) == [])
        #expect(try unknown("[1]", known) == [])
    }
}
