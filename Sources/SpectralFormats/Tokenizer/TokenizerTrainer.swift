/// The special tokens of this project's checkpoints; the raw value is the id.
public enum SpecialToken: Int, CaseIterable, Sendable {
    case pad, cls, eos, caption, vqa, ground

    /// The spelling in `tokenizer.json`.
    public var text: String { "<\(self)>" }

    /// All spellings in the order of their ids.
    public static var texts: [String] { allCases.map(\.text) }
}

extension Tokenizer {
    /// Learns a byte-level byte-pair vocabulary (Sennrich et al. 2016).
    ///
    /// Ids: the special tokens, the 256 bytes, then one token per merge. Each merge is the pair seen most often; on a
    /// tie the pair whose left part, then right part, comes first in byte order: the result depends on nothing but
    /// the arguments. Special tokens written in the texts are not learned from.
    ///
    /// - Parameters:
    ///   - vocabularySize: ids wanted; fewer come out when no pair is left that is seen `minimumFrequency` times.
    ///   - normalization: steps that the tokenizer applies to every text, these included.
    /// - Throws: `TokenizerError.untrainable` for a size under 256 + special tokens, or unusable special tokens.
    public static func train(
        texts: some Sequence<String>, vocabularySize: Int, specialTokens: [String] = SpecialToken.texts,
        normalization: [Normalization] = [], addsPrefixSpace: Bool = false, minimumFrequency: Int = 2
    ) throws(TokenizerError) -> Tokenizer {
        guard vocabularySize >= 256 + specialTokens.count, vocabularySize <= 1 << 24 else {
            throw .untrainable(
                expected: "a vocabulary size of \(256 + specialTokens.count) ... \(1 << 24)", found: "\(vocabularySize)")
        }
        let alphabet = ByteLevel.scalars.enumerated().sorted { $0.element < $1.element }
            .map { (byte: UInt8($0.offset), spelling: String($0.element)) }
        var taken = Set(alphabet.map { Array($0.spelling.utf8) })
        for special in specialTokens where special.isEmpty || !taken.insert(Array(special.utf8)).inserted {
            throw .untrainable(expected: "special tokens of two or more characters, each once", found: "\"\(special)\"")
        }

        var parts = TokenizerParts(path: "tokenizer.json")
        parts.normalization = normalization
        parts.addsPrefixSpace = addsPrefixSpace
        parts.spellings = specialTokens + alphabet.map(\.spelling)
        parts.modelSize = parts.spellings.count
        parts.addedTokens = specialTokens.enumerated().map { AddedToken(id: $0.offset, content: $0.element) }

        let untrained = try Tokenizer(parts: parts)
        let matcher = AddedTokenMatcher(parts.addedTokens)
        var counts: [[UInt8]: Int] = [:]
        for text in texts {
            for case .text(let piece) in matcher.split(text) {
                untrained.forEachWord(of: normalize(piece, normalization)) { counts[$0, default: 0] += 1 }
            }
        }
        var learner = PairLearner(
            words: counts, bytes: Array(repeating: [], count: specialTokens.count) + alphabet.map { [$0.byte] })
        while learner.bytes.count < vocabularySize, let pair = learner.nextPair(minimum: max(1, minimumFrequency)) {
            let spelling = parts.spellings[pair.left] + parts.spellings[pair.right]
            // Text that only looks like a special token after normalization must not turn into one.
            if specialTokens.contains(spelling) { continue }
            parts.merges.append([parts.spellings[pair.left], parts.spellings[pair.right]])
            // Two merges can build the same token: "a" + "bc" and "ab" + "c".
            if taken.insert(Array(spelling.utf8)).inserted {
                parts.spellings.append(spelling)
                learner.bytes.append(learner.bytes[pair.left] + learner.bytes[pair.right])
                learner.merge(pair, into: parts.spellings.count - 1)
            } else if let known = parts.spellings.firstIndex(of: spelling) {
                learner.merge(pair, into: known)
            }
        }
        parts.modelSize = parts.spellings.count
        return try Tokenizer(parts: parts)
    }
}

private struct Pair: Hashable {
    var left: Int
    var right: Int
}

/// A pair in the queue; the one to merge first sorts first.
private struct Candidate: Comparable {
    let count: Int
    let leftBytes: [UInt8]
    let rightBytes: [UInt8]
    let pair: Pair

    static func < (a: Candidate, b: Candidate) -> Bool {
        if a.count != b.count { return a.count > b.count }
        if a.leftBytes != b.leftBytes { return a.leftBytes.lexicographicallyPrecedes(b.leftBytes) }
        return a.rightBytes.lexicographicallyPrecedes(b.rightBytes)
    }
}

/// Counts of neighbouring tokens over all words, kept up to date merge by merge.
private struct PairLearner {
    /// The bytes of each id.
    var bytes: [[UInt8]]
    private var words: [(symbols: [Int], count: Int)] = []
    private var countOfPair: [Pair: Int] = [:]
    /// The words a pair stands in, or once stood in.
    private var wordsOfPair: [Pair: Set<Int>] = [:]
    private var queue = PriorityQueue<Candidate>()

    init(words counts: [[UInt8]: Int], bytes: [[UInt8]]) {
        self.bytes = bytes
        var idOfByte = Array(repeating: 0, count: 256)
        for (id, bytes) in bytes.enumerated() where bytes.count == 1 { idOfByte[Int(bytes[0])] = id }
        for (word, count) in counts {
            let symbols = word.map { idOfByte[Int($0)] }
            for (left, right) in zip(symbols, symbols.dropFirst()) {
                countOfPair[Pair(left: left, right: right), default: 0] += count
                wordsOfPair[Pair(left: left, right: right), default: []].insert(words.count)
            }
            words.append((symbols, count))
        }
        for pair in countOfPair.keys { enqueue(pair) }
    }

    private mutating func enqueue(_ pair: Pair) {
        guard let count = countOfPair[pair], count > 0 else { return }
        queue.push(Candidate(count: count, leftBytes: bytes[pair.left], rightBytes: bytes[pair.right], pair: pair))
    }

    /// The pair seen most often, at least `minimum` times.
    mutating func nextPair(minimum: Int) -> (left: Int, right: Int)? {
        while let candidate = queue.popSmallest() {
            // A changed count was queued anew when it changed.
            guard countOfPair[candidate.pair] == candidate.count else { continue }
            return candidate.count >= minimum ? (candidate.pair.left, candidate.pair.right) : nil
        }
        return nil
    }

    /// Writes `merged` for the pair in every word that holds it.
    mutating func merge(_ pair: (left: Int, right: Int), into merged: Int) {
        let pair = Pair(left: pair.left, right: pair.right)
        var changed: Set<Pair> = []
        for index in wordsOfPair.removeValue(forKey: pair) ?? [] {
            let count = words[index].count
            let old = words[index].symbols
            for (left, right) in zip(old, old.dropFirst()) {
                countOfPair[Pair(left: left, right: right), default: 0] -= count
                changed.insert(Pair(left: left, right: right))
            }
            var new: [Int] = []
            var position = 0
            while position < old.count {
                let isPair = position + 1 < old.count && old[position] == pair.left && old[position + 1] == pair.right
                new.append(isPair ? merged : old[position])
                position += isPair ? 2 : 1
            }
            words[index].symbols = new
            for (left, right) in zip(new, new.dropFirst()) {
                countOfPair[Pair(left: left, right: right), default: 0] += count
                wordsOfPair[Pair(left: left, right: right), default: []].insert(index)
                changed.insert(Pair(left: left, right: right))
            }
        }
        countOfPair[pair] = nil
        for pair in changed { enqueue(pair) }
    }
}
