// What keeps a prompt from being understood, said before the model answers it all the same.

import SpectralFormats

/// Why an output may have little to do with the prompt.
public enum PromptWarning: Sendable, Equatable, CustomStringConvertible {
    /// It holds no letter and no digit.
    case empty
    /// It has more tokens than the checkpoint reads; the rest is ignored.
    case tooLong(tokens: Int, limit: Int)
    /// None of its words was trained: it stands in no `words.txt`, or, without one, is not made of pieces that were learned.
    case noKnownWord
    /// Some words are not; they are named as they stand in the prompt.
    case unknownWords([String])

    public var description: String {
        switch self {
        case .empty:
            return "the prompt has no words: the output is a guess; write a question or a phrase"
        case .tooLong(let tokens, let limit):
            return "the prompt has \(tokens) tokens and this checkpoint reads \(limit): the rest is ignored; shorten it"
        case .noKnownWord:
            return "the prompt holds no word this checkpoint knows: the output is a guess; use the words of its training"
        case .unknownWords(let words):
            let named = words.prefix(4).map { "\"\(MessageText.printable($0, limit: 40))\"" }.joined(separator: ", ")
            let more = words.count > 4 ? " and \(words.count - 4) more" : ""
            let those = words.count == 1 ? "a word" : "words"
            return "\(those) this checkpoint was not trained on: \(named)\(more); the output may be a guess"
        }
    }
}

extension LoadedModel {
    /// What is wrong with a prompt, nothing for most.
    public func promptWarnings(_ prompt: String) -> [PromptWarning] {
        let words = tokenizer.words(of: prompt)
        guard !words.isEmpty else { return [.empty] }
        var warnings: [PromptWarning] = []
        // The task token takes one of the places.
        let tokens = tokenizer.encode(prompt).count, limit = config.maxPrompt - 1
        if tokens > limit { warnings.append(.tooLong(tokens: tokens, limit: limit)) }
        let unknown = words.filter { word in !(folder.words?.contains(word.lowercased()) ?? tokenizer.knows(word)) }
        if unknown.count == words.count {
            warnings.append(.noKnownWord)
        } else if !unknown.isEmpty {
            warnings.append(.unknownWords(unknown))
        }
        return warnings
    }
}

extension Tokenizer {
    /// Runs of letters and digits of a text.
    public func words(of text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }

    /// Whether one token spells at least half of a word, with a blank before it or not: a word of the training texts is
    /// one token or a few, a foreign one falls apart into single bytes. Words of one byte count as known.
    func knows(_ word: String) -> Bool {
        let length = word.utf8.count
        guard length > 1 else { return true }
        return [word, " " + word].contains { spelling in
            let longest = encode(spelling).map { id in bytes(of: id).count { $0 != 0x20 } }.max() ?? 0
            return longest > 1 && 2 * longest >= length
        }
    }
}
