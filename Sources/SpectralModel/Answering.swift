// The three jobs on an image already seen: a caption, an answer, a box. Plain values out, ready to print or store.

import Foundation
import SpectralFormats
import SpectralKernels

/// A piece of text or an answer, and how likely the model held it to be.
public struct TextCandidate: Sendable, Equatable {
    public let text: String
    /// 0 to 1.
    public let probability: Float

    public init(text: String, probability: Float) {
        self.text = text
        self.probability = probability
    }
}

/// One token of an output.
public struct WrittenToken: Sendable, Equatable {
    /// The text this token completes. Empty while it holds only the first bytes of a character.
    public let text: String
    public let probability: Float
    /// The likeliest tokens at this place, best first, the chosen one among them; each spelled by itself.
    public let alternatives: [TextCandidate]
}

/// What `LoadedModel.caption` found.
public struct Captioning: Sendable, Equatable {
    /// The tokens' text joined, without blanks at its ends.
    public let caption: String
    public let tokens: [WrittenToken]
    /// Vision atoms used.
    public let k: Int
    /// Time taken; see the function that made it for what is counted.
    public var milliseconds: Double
    /// True when the text stopped at the checkpoint's longest output instead of its own end.
    public let isCut: Bool
}

/// What `LoadedModel.answer` found.
public struct Answering: Sendable, Equatable {
    public let answer: String
    /// Best first; `answer` is the first. Probabilities are over all answers of the checkpoint.
    public let candidates: [TextCandidate]
    /// Vision atoms used.
    public let k: Int
    /// Time taken; see the function that made it for what is counted.
    public var milliseconds: Double
}

/// What `LoadedModel.ground` found.
public struct Grounding: Sendable, Equatable {
    /// In pixels of the image that was given.
    public let box: PixelBox
    /// Vision atoms used.
    public let k: Int
    /// Time taken; see the function that made it for what is counted.
    public var milliseconds: Double
}

/// A rectangle in pixels from the top left of an image.
public struct PixelBox: Sendable, Equatable {
    public let x: Double
    public let y: Double
    public let width: Double
    public let height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The part inside an image of `imageWidth` x `imageHeight` pixels of the box with this centre and size.
    ///
    /// - Parameter shares: centre x, centre y, width and height as shares of the image. Of shares that are not numbers
    ///   no part is: clamping must not make an overflow look like a box.
    public init(shares: [Float], imageWidth: Int, imageHeight: Int) {
        guard shares.allSatisfy(\.isFinite) else {
            self.init(x: .nan, y: .nan, width: .nan, height: .nan)
            return
        }
        func span(_ centre: Float, _ size: Float, _ side: Int) -> (start: Double, length: Double) {
            let side = Double(side), half = Double(size) / 2
            let start = min(max(0, (Double(centre) - half) * side), side)
            return (start, min(max(start, (Double(centre) + half) * side), side) - start)
        }
        let across = span(shares[0], shares[2], imageWidth), down = span(shares[1], shares[3], imageHeight)
        self.init(x: across.start, y: down.start, width: across.length, height: down.length)
    }
}

extension LoadedModel {
    /// Must run on the thread of the calls that follow: products are too small to share between threads.
    public static func prepareThread() { useOneThreadForProducts() }

    /// Describes an image. `milliseconds` counts fusion and decoding.
    ///
    /// - Parameter onToken: called with each token as soon as it is chosen; returning `false` stops there.
    public func caption(
        _ seen: SeenImage, strategy: DecodingStrategy = .greedy, onToken: (WrittenToken) -> Bool = { _ in true }
    ) -> Captioning {
        let start = ContinuousClock.now
        var stream = TokenTextStream(tokenizer), written: [WrittenToken] = []
        var stopped = false
        let prefix = prefix(seen, task: .caption, prompt: "")
        _ = decode(prefix, strategy: strategy) { token in
            let made = WrittenToken(
                text: stream.push(token.id), probability: token.probability,
                alternatives: token.alternatives.map {
                    TextCandidate(text: tokenizer.text(of: $0.id), probability: $0.probability)
                })
            written.append(made)
            stopped = !onToken(made)
            return !stopped
        }
        let text = written.map(\.text).joined() + stream.finish()
        return Captioning(
            caption: text.trimmingCharacters(in: .whitespacesAndNewlines), tokens: written, k: seen.k,
            milliseconds: Self.milliseconds(since: start), isCut: !stopped && written.count >= config.maxSuffix - 1)
    }

    /// Answers a question from the checkpoint's list of answers. `milliseconds` counts fusion and the head.
    ///
    /// - Parameter count: how many candidates to give, at least 1.
    public func answer(_ seen: SeenImage, question: String, candidates count: Int = 5) -> Answering {
        let start = ContinuousClock.now
        let p = answerProbabilities(prefix(seen, task: .vqa, prompt: question))
        let best = p.indices.sorted { (p[$0], $1) > (p[$1], $0) }.prefix(max(1, count))
        let candidates = best.map { TextCandidate(text: answers[$0], probability: p[$0]) }
        return Answering(
            answer: candidates[0].text, candidates: candidates, k: seen.k, milliseconds: Self.milliseconds(since: start))
    }

    /// Finds what a phrase refers to. `milliseconds` counts fusion and the head.
    ///
    /// - Parameters:
    ///   - imageWidth: of the image as given, in pixels.
    ///   - imageHeight: of the image as given, in pixels.
    public func ground(_ seen: SeenImage, phrase: String, imageWidth: Int, imageHeight: Int) -> Grounding {
        let start = ContinuousClock.now
        let shares = boxShares(prefix(seen, task: .ground, prompt: phrase))
        return Grounding(
            box: PixelBox(shares: shares, imageWidth: imageWidth, imageHeight: imageHeight), k: seen.k,
            milliseconds: Self.milliseconds(since: start))
    }

    /// Time since `start` in milliseconds.
    public static func milliseconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .milliseconds(1)
    }
}
