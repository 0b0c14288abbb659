// ROUGE-L (Lin 2004): the longest common subsequence with each reference.

/// Recall weighs beta = 1.2 times precision; each is the best over the references, as the public caption scorer has it.
enum RougeScore {
    private static let beta = 1.2

    /// - Parameters:
    ///   - candidate: tokens.
    ///   - references: tokens of each, at least one.
    /// - Returns: 0 to 1.
    static func score(_ candidate: [String], _ references: [[String]]) -> Double {
        // The scorer splits an empty caption into one empty word.
        func words(_ tokens: [String]) -> [String] { tokens.isEmpty ? [""] : tokens }
        let own = words(candidate)
        var precision = 0.0, recall = 0.0
        for reference in references.map(words) {
            let common = Double(commonLength(own, reference))
            precision = max(precision, common / Double(own.count))
            recall = max(recall, common / Double(reference.count))
        }
        guard precision > 0, recall > 0 else { return 0 }
        let square = beta * beta
        return (1 + square) * precision * recall / (recall + square * precision)
    }

    private static func commonLength(_ a: [String], _ b: [String]) -> Int {
        var row = [Int](repeating: 0, count: b.count + 1)
        for word in a {
            var diagonal = 0
            for place in b.indices {
                let above = row[place + 1]
                row[place + 1] = word == b[place] ? diagonal + 1 : max(above, row[place])
                diagonal = above
            }
        }
        return row[b.count]
    }
}
