// Whether captions name things where people do, and where nobody does.

/// One thing, by any of its words, over the captions of many images.
public struct WordUse: Codable, Sendable, Equatable {
    /// The words, any of which counts, with "/" between them.
    public var words: String
    /// Images of which more than half of the people name it, and how many of their captions do.
    public var named: Int
    public var saidOfNamed: Int
    /// Images of which nobody names it, and how many of their captions do.
    public var unnamed: Int
    public var saidOfUnnamed: Int

    private init(of words: String) {
        self.words = words
        (named, saidOfNamed, unnamed, saidOfUnnamed) = (0, 0, 0, 0)
    }

    /// - Parameters:
    ///   - words: each "dog", or "bicycle/bike"; whole words, in lower case, as `CaptionTokeniser` parts captions into them.
    ///   - captions: each with what people wrote of its image.
    public static func counted(_ words: [String], in captions: [ScoredCaption]) -> [WordUse] {
        let tokeniser = CaptionTokeniser(), things = words.map { Set($0.split(separator: "/").map(String.init)) }
        var uses = words.map(WordUse.init(of:))
        guard !words.isEmpty else { return uses }
        for caption in captions {
            let own = tokeniser.tokens(caption.candidate), people = caption.references.map(tokeniser.tokens)
            for (i, thing) in things.enumerated() {
                let says = thing.isDisjoint(with: own) ? 0 : 1, count = people.count { !thing.isDisjoint(with: $0) }
                if 2 * count > people.count {
                    uses[i].named += 1
                    uses[i].saidOfNamed += says
                } else if count == 0 {
                    uses[i].unnamed += 1
                    uses[i].saidOfUnnamed += says
                }
            }
        }
        return uses
    }
}
