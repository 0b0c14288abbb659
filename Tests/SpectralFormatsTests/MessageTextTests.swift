import Foundation
import SpectralFormats
import Testing

/// What is said of JSON that is sound and yet cannot be read: Foundation calls a number that does not fit its type "not JSON".
@Suite struct MessageTextTests {
    private struct File: Decodable {
        let imageId: Int
        var rest: [Int]?
    }

    private func told(_ json: String) -> (key: String, problem: String) {
        let decoder = JSONDecoder(), data = Data(json.utf8)
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { _ = try decoder.decode(File.self, from: data) } catch {
            return MessageText.decoding(error, of: data, as: File.self, by: decoder)
        }
        return ("", "read")
    }

    @Test(arguments: [
        (#"{"image_id": 1}"#, "", "read"), (#"{"image_id": "#, "", "text that is not JSON"), ("", "", "text that is not JSON"),
        (#"{"image_id": 1.5}"#, "image_id", "1.5 does not fit: expected a whole number in range"),
        (#"{"image_id": 1, "rest": [7, 1e30]}"#, "rest[1]", "1e+30 does not fit: expected a whole number in range"),
        (#"{"image_id": 1.5, "rest": [1e30]}"#, "", "a number that does not fit where it stands"),
        (#"{"image_id": "one"}"#, "imageId", "the value is not a whole number"),
    ])
    func aNumberThatDoesNotFitIsNamed(json: String, key: String, problem: String) {
        let found = told(json)
        #expect(found.key == key && found.problem == problem, "\(found)")
    }

    /// Of more numbers, or more text, than a person writes it is said without the key: every try reads the file again.
    @Test(arguments: [600, 40_000]) func thousandsOfNumbersAreNotSearched(count: Int) {
        let rest = Array(repeating: "1", count: count).joined(separator: ",")
        let found = told("{\"image_id\": 1, \"rest\": [\(rest), 1.5]}")
        #expect(found.key.isEmpty && found.problem == "a number that does not fit where it stands", "\(found)")
    }
}
