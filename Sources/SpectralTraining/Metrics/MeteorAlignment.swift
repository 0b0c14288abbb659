// Which words of a candidate stand for which of a reference, as METEOR 1.5 searches for it.

/// Two words held to be the same: of the candidate (`own`) and of the reference (`other`), by place.
struct MeteorMatch {
    let own: Int
    let other: Int
    /// The words are equal; otherwise only their stems are.
    let isExact: Bool
}

/// The alignment of two captions, word for word.
struct MeteorAlignment {
    private(set) var matches: [MeteorMatch] = []
    /// Runs of matches that are adjacent in both.
    private(set) var chunks = 0

    private static let beam = 40

    /// - Parameter stem: the stem of a word.
    init(_ own: [String], _ other: [String], stem: (String) -> String) {
        let choices = Self.choices(own, other, stem: stem)
        var taken = [Int](repeating: 0, count: own.count)
        for match in choices.joined() { taken[match.own] += 1 }
        // A word with one possible match whose match has no other is sure of it.
        let sure = choices.map { $0.count == 1 && taken[$0[0].own] == 1 ? $0[0] : nil }
        matches = Self.search(choices, sure: sure, words: own.count).compactMap(\.self)
        var last: MeteorMatch?
        for match in matches {
            if let last, last.other + 1 == match.other, last.own + 1 == match.own {} else { chunks += 1 }
            last = match
        }
    }

    /// What each word of `other` may stand for, exact matches first; of equal captions only those.
    private static func choices(_ own: [String], _ other: [String], stem: (String) -> String) -> [[MeteorMatch]] {
        let ownStems = own.map(stem), otherStems = other.map(stem), isSame = own == other
        return other.indices.map { place in
            let exact = own.indices.filter { own[$0] == other[place] }
            let stems = isSame ? [] : own.indices.filter { own[$0] != other[place] && ownStems[$0] == otherStems[place] }
            return exact.map { MeteorMatch(own: $0, other: place, isExact: true) }
                + stems.map { MeteorMatch(own: $0, other: place, isExact: false) }
        }
    }

    /// A choice for each word of the reference so far.
    private struct Path {
        var chosen: [MeteorMatch?]
        var used: [Bool]
        /// The jar weighs matches of stems a half, and then cuts the sum to a whole number at each step: they count nothing.
        var exact = 0
        var chunks = 0
        var distance = 0
        /// Place after the last match in the candidate; `nil` after a word without one.
        var end: Int?

        func isBetter(than other: Path) -> Bool {
            (-exact, chunks, distance) < (-other.exact, other.chunks, other.distance)
        }

        mutating func take(_ match: MeteorMatch) {
            if match.isExact { exact += 1 }
            if let end, end != match.own { chunks += 1 }
            end = match.own + 1
        }
    }

    /// Beam search from left to right: most exact matches, then fewest chunks, then least distance.
    private static func search(_ choices: [[MeteorMatch]], sure: [MeteorMatch?], words: Int) -> [MeteorMatch?] {
        var start = Path(chosen: sure, used: [Bool](repeating: false, count: words))
        for match in sure.compactMap(\.self) { start.used[match.own] = true }
        var paths = [start]
        for place in choices.indices {
            var next: [Path] = []
            for path in paths.prefix(beam) {
                var path = path
                if let match = sure[place] {
                    path.take(match)
                    path.distance += abs(match.own - place)
                    next.append(path)
                    continue
                }
                for match in choices[place] where !path.used[match.own] {
                    var grown = path
                    grown.used[match.own] = true
                    grown.chosen[place] = match
                    grown.take(match)
                    // As the jar has it: the distance of a choice counts for those tried after it, not for itself.
                    path.distance += abs(match.own - place)
                    next.append(grown)
                }
                if path.end != nil {
                    path.chunks += 1
                    path.end = nil
                }
                next.append(path)
            }
            paths = sorted(next)
        }
        for i in paths.indices where paths[i].end != nil { paths[i].chunks += 1 }
        return sorted(Array(paths.prefix(beam)))[0].chosen
    }

    /// Best first; of equals the earlier.
    private static func sorted(_ paths: [Path]) -> [Path] {
        paths.enumerated().sorted { a, b in
            a.element.isBetter(than: b.element) || (!b.element.isBetter(than: a.element) && a.offset < b.offset)
        }.map(\.element)
    }
}
