// Finding what somebody may mean from a few letters. Pure, and the same everywhere.

enum FuzzyMatch {
    /// How well `text` holds the letters of `pattern` in their order, in any case; nil when it does not. The start of
    /// the text or of a word, and letters side by side, count most; of equals the shorter text is better.
    static func score(_ pattern: some StringProtocol, in text: some StringProtocol) -> Int? {
        let wanted = Array(pattern.lowercased()), letters = Array(text.lowercased())
        guard let first = wanted.first else { return 0 }
        var best: Int?
        // The first letters are tried everywhere, the others taken as they come: names are short.
        for start in letters.indices where letters[start] == first {
            var place = start, gained = bonus(letters, start) + (start == 0 ? 8 : 0), isWhole = true
            for letter in wanted.dropFirst() {
                guard let next = letters[(place + 1)...].firstIndex(of: letter) else {
                    isWhole = false
                    break
                }
                gained += next == place + 1 ? 6 : bonus(letters, next) - min(3, next - place - 1)
                place = next
            }
            if isWhole { best = max(best ?? .min, gained * 16 - letters.count) }
        }
        return best
    }

    private static func bonus(_ letters: [Character], _ place: Int) -> Int {
        place == 0 || !(letters[place - 1].isLetter || letters[place - 1].isNumber) ? 6 : 0
    }

    /// Those that `pattern` fits, best first, equals in their order.
    static func best<Item>(_ items: [Item], for pattern: String, by name: (Item) -> String) -> [Item] {
        let scored = items.enumerated().compactMap { place, item in
            score(pattern, in: name(item)).map { (score: $0, place: place, item: item) }
        }
        return scored.sorted { ($1.score, $0.place) < ($0.score, $1.place) }.map(\.item)
    }

    /// Letters to insert, delete or replace to make one of the other (Levenshtein's distance).
    static func distance(_ a: some StringProtocol, _ b: some StringProtocol) -> Int {
        let a = Array(a), b = Array(b)
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var corner = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let replaced = corner + (x == y ? 0 : 1)
                corner = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, corner + 1)
            }
        }
        return row[b.count]
    }

    /// The `count` names nearest to a word that is none of them.
    static func nearest(_ names: [String], to word: String, count: Int = 3) -> [String] {
        let scored = names.enumerated().map { place, name in
            // A name that holds the letters in order is nearer than its length makes it look.
            (distance(word, name) - (score(word, in: name) == nil ? 0 : name.count), place, name)
        }
        return scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(count).map(\.2)
    }
}
