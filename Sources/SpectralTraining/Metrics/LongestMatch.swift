// A regular expression that takes the longest match, as lexers do, from the C library (POSIX extended syntax).

import Glibc

/// A pattern anchored at a place of a text of bytes. One owner calls it, one call at a time.
final class LongestMatch {
    private var compiled = regex_t()

    /// - Parameters:
    ///   - token: what the token is, in POSIX extended syntax.
    ///   - context: what must follow it: it counts for the length of the match, and is no part of the token.
    init(_ token: String, before context: String = "", ignoringCase: Bool = false) {
        let status = regcomp(&compiled, "^(\(token))\(context)", REG_EXTENDED | (ignoringCase ? REG_ICASE : 0))
        precondition(status == 0, "the pattern \(token) does not compile")
    }

    deinit { regfree(&compiled) }

    /// The longest match at `start`: its length with the context, and the token's own.
    ///
    /// - Parameter text: ended by a zero; the bytes before it are not zero.
    func lengths(in text: [UInt8], at start: Int) -> (whole: Int, token: Int)? {
        text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var places = [regmatch_t(), regmatch_t()]
            let place = (base + start).assumingMemoryBound(to: CChar.self)
            guard regexec(&compiled, place, places.count, &places, 0) == 0 else { return nil }
            return (Int(places[0].rm_eo), Int(places[1].rm_eo))
        }
    }
}
