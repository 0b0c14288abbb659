// The training-only target: what covers each patch, read off the vision stack's output by one linear layer.
//
// It is worth more than anything else that was tried: without it shape is learnt only through the answers.

import SpectralFormats
import SpectralKernels
import SpectralModel

/// One linear layer from image tokens to the classes of what covers a patch and the way to its centre.
struct AuxiliaryHead {
    private let weight: Tensor
    private let bias: Tensor
    private let backgroundWeight: Tensor
    private let referentWeight: Tensor
    private let referentBias: Tensor
    /// To the words of an image's captions; `nil` where they are no target.
    private let bag: Bag?
    /// Prefix of its parameters, which no checkpoint ships.
    static let name = "auxiliary"
    /// Shape, colour, texture, size, digit; class 0 is "none".
    static let classes = [
        PatchLabel.shapeClasses, PatchLabel.colourClasses, PatchLabel.textureClasses, PatchLabel.sizeClasses,
        PatchLabel.digitClasses,
    ]
    static let names = ["shape", "colour", "texture", "size", "digit"]
    private static let digit = 4

    init(_ replica: Replica, width: Int, bagSize: Int = 0) {
        let scope = ParameterScope(replica).scope(Self.name), outputs = Self.classes.reduce(0, +) + 2
        weight = scope.tensor("weight", width, outputs, .matrix, .normal(1 / Float(width).squareRoot()))
        bias = scope.tensor("bias", 1, outputs, .vector, .zeros)
        backgroundWeight = scope.tensor("background", width, SceneSide.all.count, .matrix, .zeros)
        referentWeight = scope.tensor("referents.weight", width, 4, .matrix, .zeros)
        referentBias = scope.tensor("referents.bias", 1, 4, .vector, .zeros)
        bag = bagSize > 0 ? Bag(scope.scope("bag"), width: width, words: bagSize) : nil
    }

    /// One linear layer from the mean image token.
    private struct Bag {
        let weight: Tensor
        let bias: Tensor

        init(_ scope: ParameterScope, width: Int, words: Int) {
            weight = scope.tensor("weight", width, words, .matrix, .normal(1 / Float(width).squareRoot()))
            bias = scope.tensor("bias", 1, words, .vector, .zeros)
        }
    }

    struct Report {
        var loss: Float = 0
        /// Share of covered patches whose class is right, by `names`.
        var accuracy: [Float] = [0, 0, 0, 0, 0]
    }

    /// Adds weight * (sum of the five cross-entropies + |offset error|) to the loss. Covered patches weigh 1, empty
    /// ones 0.2; the digit is asked only of patches of objects that bear one.
    func loss(_ tape: Tape, seen: Tensor, targets: [PatchTarget], weight lossWeight: Float) -> Report {
        let logits = tape.linear(seen, weight, bias)
        var report = Report(), start = 0
        let covered = Float(max(1, targets.count { $0.covered }))
        for (j, count) in Self.classes.enumerated() {
            let asked = targets.map { target -> Float in
                j == Self.digit ? (target.classes[j] > 0 ? 1 : 0) : (target.covered ? 1 : 0.2)
            }
            let total = max(1, asked.reduce(0, +))
            let (loss, _) = Losses.crossEntropy(
                tape, logits, columns: start..<start + count, targets: targets.map { $0.classes[j] },
                rowWeight: asked.map { $0 / total }, smoothing: 0, weight: lossWeight)
            report.loss += loss
            report.accuracy[j] = accuracy(logits, start..<start + count, targets.map { $0.classes[j] })
            start += count
        }
        report.loss += Losses.absolute(
            tape, logits, columns: start..<start + 2, targets: targets.flatMap { [$0.offset.x, $0.offset.y] },
            rowWeight: targets.map { $0.covered ? 1 / covered : 0 }, weight: lossWeight)
        return report
    }

    /// Adds weight * cross-entropy of the side on which the background is brighter, asked of every patch.
    func backgroundLoss(_ tape: Tape, seen: Tensor, sides: [Int], weight: Float) {
        let perImage = seen.rows / sides.count
        _ = Losses.crossEntropy(
            tape, tape.linear(seen, backgroundWeight), targets: sides.flatMap { Array(repeating: $0, count: perImage) },
            rowWeight: Array(repeating: 1 / Float(seen.rows), count: seen.rows), smoothing: 0, weight: weight)
    }

    /// Adds weight * cross-entropy of the words of each image's captions, evenly likely, read off its mean token.
    ///
    /// - Parameter bags: the words of each image; none for an image that is not asked.
    func bagLoss(_ tape: Tape, seen: Tensor, bags: [[Int]], weight: Float) -> Float {
        guard let bag else { return 0 }
        let logits = tape.linear(tape.groupMeans(seen, group: seen.rows / bags.count), bag.weight, bag.bias)
        return Losses.setCrossEntropy(tape, logits, targets: bags, weight: weight)
    }

    /// Adds weight * |error| of the centres of what each question names, read off its `<cls>` state, [questions, d].
    func referentLoss(_ tape: Tape, states: Tensor, referents: [Referents], weight: Float, questions: Int) {
        let places = tape.linear(states, referentWeight, referentBias)
        for coordinate in 0..<4 {
            _ = Losses.absolute(
                tape, places, columns: coordinate..<coordinate + 1, targets: referents.map { $0.centres[coordinate] },
                rowWeight: referents.map { $0.known[coordinate] / Float(questions) }, weight: weight)
        }
    }

    private func accuracy(_ logits: Tensor, _ columns: Range<Int>, _ targets: [Int]) -> Float {
        var right = 0, asked = 0
        logits.values.withValues { x in
            for (r, target) in targets.enumerated() where target > 0 {
                let row = x[(r * logits.columns + columns.lowerBound)..<(r * logits.columns + columns.upperBound)]
                asked += 1
                if row.indices.max(by: { row[$0] < row[$1] })! - row.startIndex == target { right += 1 }
            }
        }
        return asked == 0 ? 0 : Float(right) / Float(asked)
    }
}
