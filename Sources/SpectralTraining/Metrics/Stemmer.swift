// English stems from the Snowball library.

import CStemmer

/// Owns a stemmer of the library. One owner calls it, one call at a time.
final class Stemmer {
    private let handle: OpaquePointer

    init() {
        // The library holds English whatever else it was built with.
        guard let made = sb_stemmer_new("english", "UTF_8") else { preconditionFailure("Snowball has no English stemmer") }
        handle = made
    }

    deinit { sb_stemmer_delete(handle) }

    /// - Parameter word: in lower case.
    func stem(_ word: String) -> String {
        let bytes = Array(word.utf8)
        guard let stem = sb_stemmer_stem(handle, bytes, Int32(bytes.count)) else { return word }
        return String(decoding: UnsafeBufferPointer(start: stem, count: Int(sb_stemmer_length(handle))), as: UTF8.self)
    }
}
