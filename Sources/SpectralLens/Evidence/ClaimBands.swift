// The parts of the frequency plane that the paper's section 7.5 speaks of, and the kinds of questions that test it.
//
// Guarantees: the bands are a partition, every frequency of two or more components is in exactly one of them; frequencies
// are judged as the grid sees them, where w, -w and w + 1 are one.
//
// The paper's own edges did not survive in its text. These lie midway between radii of the Fourier grid of 8 x 8 patches,
// on which the bundled model's atoms started, so that no atom is near an edge.

import Foundation
import SpectralFormats

/// Frequencies of one range of radius and, in the middle, of direction.
public struct ClaimBand: Sendable, Codable, Equatable {
    public enum Direction: String, Sendable, Codable {
        case any
        /// At most 22.5 degrees from an axis of the image.
        case axis
        /// More than that.
        case oblique

        /// Half the angle between an axis and a diagonal.
        static let edge = Float.pi / 8
    }

    public let name: String
    /// Radii from `low` up to, but not including, `high`, in cycles per patch; `nil` for an open end.
    public let low: Float
    public let high: Float?
    public let direction: Direction

    public static let all = [
        ClaimBand(name: "near DC", low: 0, high: 0.06, direction: .any),
        ClaimBand(name: "low", low: 0.06, high: 0.21, direction: .any),
        ClaimBand(name: "mid axis", low: 0.21, high: 0.42, direction: .axis),
        ClaimBand(name: "mid oblique", low: 0.21, high: 0.42, direction: .oblique),
        ClaimBand(name: "high", low: 0.42, high: nil, direction: .any),
    ]

    /// - Parameter w: (u, v) and anything after, cycles per patch.
    public func contains(_ w: [Float]) -> Bool {
        let u = abs(remainder(w[0], 1)), v = abs(remainder(w[1], 1)), radius = (u * u + v * v).squareRoot()
        guard radius >= low, radius < high ?? .infinity else { return false }
        switch direction {
        case .any: return true
        case .axis: return atan2(min(u, v), max(u, v)) <= Direction.edge
        case .oblique: return atan2(min(u, v), max(u, v)) > Direction.edge
        }
    }

    /// "0.21 to 0.42 cycles per patch, within 22.5 degrees of an axis".
    public var edges: String {
        let radii = high.map { "\(low) to \($0)" } ?? "from \(low)"
        return "\(radii) cycles per patch" + (direction == .any ? "" : direction == .axis
            ? ", within 22.5 degrees of an axis" : ", more than 22.5 degrees from the axes")
    }
}

/// A row of the table: questions of some kind and, of patterns, with some answer.
public struct ClaimQuestions: Sendable, Equatable {
    public let name: String
    /// `nil` for all kinds.
    let kind: QuestionKind?
    /// `nil` for all answers.
    let answers: [SceneTexture]?

    private init(_ name: String, _ kind: QuestionKind? = nil, _ answers: [SceneTexture]? = nil) {
        self.name = name
        self.kind = kind
        self.answers = answers
    }

    public func contains(_ question: SceneQuestion) -> Bool {
        guard kind == nil || question.kind == kind else { return false }
        return answers.map { $0.contains { $0.word == question.answer } } ?? true
    }

    /// A question may be in several: of one pattern, of a group of patterns, of all patterns, of all. The last is all.
    public static let all = [
        ClaimQuestions("tone", .tone), ClaimQuestions("brighter side", .gradient), ClaimQuestions("color", .color),
        ClaimQuestions("shape", .shape), ClaimQuestions("size", .size), ClaimQuestions("count", .count),
        ClaimQuestions("exist", .exist), ClaimQuestions("relation", .relation), ClaimQuestions("digit", .digit),
        ClaimQuestions("texture", .texture), ClaimQuestions("  plain", .texture, [.plain]),
        ClaimQuestions("  stripes 0", .texture, [.horizontalStripes]), ClaimQuestions("  stripes 90", .texture, [.verticalStripes]),
        ClaimQuestions("  stripes 45", .texture, [.risingStripes]), ClaimQuestions("  stripes 135", .texture, [.fallingStripes]),
        ClaimQuestions("  axis stripes", .texture, [.horizontalStripes, .verticalStripes]),
        ClaimQuestions("  oblique stripes", .texture, [.risingStripes, .fallingStripes]),
        ClaimQuestions("  checks", .texture, [.checks]), ClaimQuestions("  dots", .texture, [.dots]),
        ClaimQuestions("  glyph", .texture, [.digit]), ClaimQuestions("all"),
    ]
}
