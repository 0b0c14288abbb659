/// The merge rules of a byte-pair vocabulary, applied to one word at a time.
///
/// Guarantees: of all pairs that stand side by side the one learned first is merged, the leftmost on a tie, until
/// none is left (Sennrich et al. 2016, as `tokenizers` does it); time n log n in the length of the word.
struct BytePairMerges: Sendable {
    private struct Rule { let rank: UInt32, merged: Int32 }
    private var rules: [UInt64: Rule] = [:]

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Adds the rule of the next rank; a pair given twice keeps the later rank.
    mutating func add(rank: Int, left: Int, right: Int, merged: Int) {
        rules[Self.key(Int32(left), Int32(right))] = Rule(rank: UInt32(rank), merged: Int32(merged))
    }

    /// Merges `symbols` (ids of a word's letters, in order) as far as the rules go.
    func apply(_ symbols: [Int32]) -> [Int] {
        guard symbols.count > 1 else { return symbols.map(Int.init) }
        var symbols = symbols
        var next = Array(1...symbols.count)
        var previous = Array(-1..<(symbols.count - 1))
        // A waiting merge is (rank, position) packed so that the smallest number is the one to do first.
        var waiting = PriorityQueue<UInt64>(minimumCapacity: symbols.count)
        func rule(at position: Int) -> Rule? {
            guard next[position] < symbols.count, symbols[position] >= 0 else { return nil }
            return rules[Self.key(symbols[position], symbols[next[position]])]
        }
        func enqueue(_ position: Int) {
            if let rule = rule(at: position) { waiting.push(UInt64(rule.rank) << 32 | UInt64(position)) }
        }
        for position in symbols.indices { enqueue(position) }

        while let smallest = waiting.popSmallest() {
            let position = Int(truncatingIfNeeded: smallest & 0xFFFF_FFFF)
            // The neighbourhood may have changed since this was queued; then a newer entry stands for it.
            guard let rule = rule(at: position), UInt64(rule.rank) == smallest >> 32 else { continue }
            let gone = next[position]
            symbols[position] = rule.merged
            symbols[gone] = -1
            next[position] = next[gone]
            if next[gone] < symbols.count { previous[next[gone]] = position }
            if previous[position] >= 0 { enqueue(previous[position]) }
            enqueue(position)
        }
        return symbols.filter { $0 >= 0 }.map(Int.init)
    }
}
