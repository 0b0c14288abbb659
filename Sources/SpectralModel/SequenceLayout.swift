// Where the tokens of a ragged batch lie.

import SpectralKernels

/// B images on one patch grid, and n sequences of prompt and suffix tokens, each about one of the images.
///
/// Tokens are packed without padding: image tokens [B V, d] (or [n V, d] once sequences have told on them), prompt
/// tokens [sum of prompts, d], suffix tokens [sum of suffixes, d].
public struct SequenceLayout: Sendable {
    public let gridWidth: Int
    public let gridHeight: Int
    public let imageCount: Int
    /// For each sequence, the image it is about.
    public let imageOf: [Int]
    public let promptLengths: [Int]
    public let suffixLengths: [Int]

    public let promptSegments: [Segment]
    /// The suffix runs on after its prompt: a segment's offset is its first token's t.
    public let suffixSegments: [Segment]
    /// The distinct prompt lengths, ascending, and which of them each sequence has.
    public let distinctLengths: [Int]
    public let lengthChoice: [Int]

    public init(
        gridWidth: Int, gridHeight: Int, imageCount: Int, imageOf: [Int], promptLengths: [Int], suffixLengths: [Int]
    ) {
        precondition(imageOf.count == promptLengths.count && imageOf.count == suffixLengths.count, "ragged layout")
        precondition(promptLengths.allSatisfy { $0 > 0 }, "every prompt holds at least its task token")
        self.gridWidth = gridWidth
        self.gridHeight = gridHeight
        self.imageCount = imageCount
        self.imageOf = imageOf
        self.promptLengths = promptLengths
        self.suffixLengths = suffixLengths
        promptSegments = Self.pack(promptLengths, offsets: promptLengths.map { _ in 0 })
        suffixSegments = Self.pack(suffixLengths, offsets: promptLengths)
        let distinct = Set(promptLengths).sorted()
        distinctLengths = distinct
        lengthChoice = promptLengths.map { length in distinct.firstIndex(of: length)! }
    }

    public var sequenceCount: Int { imageOf.count }
    public var tokensPerImage: Int { gridWidth * gridHeight }
    public var longestPrompt: Int { promptLengths.max() ?? 0 }
    /// One past the largest t any token has.
    public var textEnd: Int { zip(promptLengths, suffixLengths).map(+).max() ?? 0 }
    public var longestSuffix: Int { suffixLengths.max() ?? 0 }

    /// Segments of `count` images of V tokens.
    public func imageSegments(_ count: Int) -> [Segment] {
        (0..<count).map { Segment($0 * tokensPerImage..<($0 + 1) * tokensPerImage) }
    }

    private static func pack(_ lengths: [Int], offsets: [Int]) -> [Segment] {
        var start = 0
        return zip(lengths, offsets).map { length, offset in
            defer { start += length }
            return Segment(start..<start + length, offset: offset)
        }
    }
}
