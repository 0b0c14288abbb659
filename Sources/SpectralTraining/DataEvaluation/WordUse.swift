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

    /// - Parameters:
    ///   - words: "dog", or "bicycle/bike"; whole words, in lower case, as `CaptionTokeniser` parts captions into them.
    ///   - captions: each with what people wrote of its image.
    public init(_ words: String, in captions: [ScoredCaption]) {
        self.words = words
        (named, saidOfNamed, unnamed, saidOfUnnamed) = (0, 0, 0, 0)
        let tokeniser = CaptionTokeniser(), any = Set(words.split(separator: "/").map(String.init))
        func names(_ text: String) -> Bool { !any.isDisjoint(with: tokeniser.tokens(text)) }
        for caption in captions {
            let people = caption.references.count(where: names), says = names(caption.candidate) ? 1 : 0
            if 2 * people > caption.references.count {
                named += 1
                saidOfNamed += says
            } else if people == 0 {
                unnamed += 1
                saidOfUnnamed += says
            }
        }
    }
}
