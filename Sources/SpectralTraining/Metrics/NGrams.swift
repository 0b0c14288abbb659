// Counts of runs of one to four words: what BLEU and CIDEr-D are made of.

/// A run of one to four words, as their numbers; -1 fills it up.
struct NGram: Hashable {
    private let words: SIMD4<Int32>
    /// Words in it, 1 to 4.
    let order: Int

    init(_ words: ArraySlice<Int32>) {
        var filled = SIMD4<Int32>(repeating: -1)
        for (place, word) in words.enumerated() { filled[place] = word }
        self.words = filled
        order = words.count
    }
}

/// Numbers for words, so that runs of them are cheap to compare.
struct WordNumbers {
    private var numbers: [String: Int32] = [:]

    /// The numbers of a caption's words. Tokens are cut again at white space, as the public scorer does by joining them.
    mutating func callAsFunction(_ tokens: [String]) -> [Int32] {
        tokens.flatMap { $0.split(whereSeparator: \.isWhitespace) }.map { word in
            if let number = numbers[String(word)] { return number }
            let number = Int32(numbers.count)
            numbers[String(word)] = number
            return number
        }
    }
}

/// How often each run of 1 to 4 words is in a caption.
struct NGramCounts {
    /// Words of the caption.
    let length: Int
    private(set) var counts: [NGram: Int] = [:]

    static let orders = 4

    init(_ words: [Int32]) {
        length = words.count
        for order in 1...Self.orders where words.count >= order {
            for start in 0...words.count - order { counts[NGram(words[start..<start + order]), default: 0] += 1 }
        }
    }
}
