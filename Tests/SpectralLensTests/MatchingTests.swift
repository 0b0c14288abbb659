// Pairs of atoms on sets of frequencies whose pairs are known.

import Foundation
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct MatchingTests {
    private func vision(_ frequencies: [[Float]], atoms: [Int]? = nil, grid: Int = 8) -> ColumnAtoms {
        ColumnAtoms(stack: .vision, atoms: atoms, frequencies: frequencies, gridSize: grid, textLength: 32)
    }

    private func text(_ frequencies: [Float], atoms: [Int]? = nil) -> ColumnAtoms {
        ColumnAtoms(stack: .text, atoms: atoms, frequencies: frequencies.map { [$0] }, gridSize: 8, textLength: 10)
    }

    private func indices(_ matching: AtomMatching) -> [[Int]] { matching.pairs.map { [$0.first, $0.other] } }

    @Test func aNestedColumnPairsEveryAtomWithItself() throws {
        let model = try TinyCheckpoint().load()
        let whole = model.comparisonColumn(checkpoint: "a", hash: "1", k: 7)
        let cut = model.comparisonColumn(checkpoint: "a", hash: "1", k: 3)
        let matching = cut.matching(with: whole)
        #expect(matching.map(\.stack) == [.vision, .text, .fusion])
        for stack in matching {
            #expect(stack.pairs.allSatisfy { $0.first == $0.other && $0.bins == 0 && !$0.isConjugate })
            #expect(stack.onlyOther.isEmpty)
        }
        // Nested K cuts vision atoms, in vision and fusion, and never those of text.
        #expect(matching.map(\.onlyFirst) == [[3, 4, 5, 6], [], [3, 4, 5, 6]])
        #expect(indices(matching[2]) == [[0, 0], [1, 1], [2, 2], [7, 7], [8, 8]])
        #expect(whole.matching(with: cut).map(\.onlyOther) == [[3, 4, 5, 6], [], [3, 4, 5, 6]])
    }

    @Test func aWaveAndItsConjugateAreOne() {
        let matching = AtomMatching(vision([[0.25, 0.125], [0.1, 0]]), vision([[-0.1, 0], [-0.25, -0.125]]))
        #expect(matching.pairs == [
            AtomMatching.Pair(first: 0, other: 1, bins: 0, isConjugate: true),
            AtomMatching.Pair(first: 1, other: 0, bins: 0, isConjugate: true),
        ])
        // One axis turned round is another wave.
        let other = AtomMatching(vision([[0.25, 0.125]]), vision([[-0.25, 0.125]]))
        #expect(other.pairs.isEmpty && other.onlyFirst == [0] && other.onlyOther == [0])
        let fusion = AtomMatching(
            ColumnAtoms(stack: .fusion, frequencies: [[0.1, -0.2, 0.3]], gridSize: 8, textLength: 32),
            ColumnAtoms(stack: .fusion, frequencies: [[-0.1, 0.2, -0.3]], gridSize: 8, textLength: 32))
        #expect(fusion.pairs.count == 1 && fusion.pairs[0].isConjugate && fusion.pairs[0].bins < 1e-6)
    }

    @Test func wholeCyclesDoNotCount() {
        #expect(AtomMatching(vision([[0.5, 0]]), vision([[-0.5, 1]])).pairs.count == 1)
        let near = AtomMatching(vision([[0.49, 0.2]]), vision([[-0.49, 0.2]]))
        #expect(near.pairs.count == 1 && abs(near.pairs[0].bins - 0.16) < 1e-5 && !near.pairs[0].isConjugate)
    }

    @Test func nothingFartherThanTheTolerance() {
        // Half a bin of 8 patches is 1/16 cycle; the farther axis decides.
        #expect(AtomMatching(vision([[0.25, 0]]), vision([[0.3124, 0.05]])).pairs.count == 1)
        #expect(AtomMatching(vision([[0.25, 0]]), vision([[0.3126, 0]])).pairs.isEmpty)
        #expect(AtomMatching(vision([[0.25, 0]]), vision([[0.25, 0.0626]])).pairs.isEmpty)
        #expect(AtomMatching(vision([[0.25, 0]]), vision([[0.3126, 0]]), tolerance: 0.51).pairs.count == 1)
        // Text bins are of the longest prompt, here 10 tokens.
        let words = AtomMatching(text([0.2, 0.4]), text([0.24, 0.46]))
        #expect(indices(words) == [[0, 0]] && words.onlyFirst == [1] && words.onlyOther == [1])
    }

    @Test func theNearerPairComesFirst() {
        // Atom 0 alone would take the only partner; atom 1 is nearer to it.
        let matching = AtomMatching(vision([[0, 0], [0.03, 0]]), vision([[0.02, 0]]))
        #expect(indices(matching) == [[1, 0]] && matching.onlyFirst == [0] && matching.onlyOther.isEmpty)
    }

    @Test func tiesGoToTheNearestIndex() {
        let same = vision([[0.25, 0], [0.25, 0], [0.25, 0]])
        #expect(indices(AtomMatching(same, same)) == [[0, 0], [1, 1], [2, 2]])
        #expect(indices(AtomMatching(same, vision([[0.25, 0], [-0.25, 0]], atoms: [2, 1]))) == [[1, 1], [2, 2]])
        // At equal distance on both sides too.
        #expect(indices(AtomMatching(text([0.25]), text([0.21875, 0.28125]))) == [[0, 0]])
    }

    @Test func gridsOfOtherSizesCompareCyclesOverTheImage() {
        // Two cycles over the image: 0.25 on 8 patches a side, 0.125 on 16.
        let matching = AtomMatching(vision([[0.25, 0], [0.5, 0]]), vision([[0.125, 0], [0.5, 0], [-0.25, 0]], grid: 16))
        #expect(indices(matching) == [[0, 0], [1, 2]] && matching.onlyOther == [1])
        #expect(matching.pairs.allSatisfy { $0.bins == 0 })
    }

    @Test func emptySetsHaveNoPairs() {
        let matching = AtomMatching(vision([]), vision([[0, 0]]))
        #expect(matching.pairs.isEmpty && matching.onlyFirst.isEmpty && matching.onlyOther == [0])
    }

    /// Again and again the nearest free pair, by a distance that tries all aliases and mirror images.
    @Test(arguments: [1, 2, 3, 4, 5])
    func equalsTheNaiveSearch(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func random() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
        let a = (0..<14).map { _ in [random() * 2 - 1, random() * 2 - 1] }
        // Some near relatives of those, some strangers.
        var b = a.prefix(9).map { [$0[0] + 0.05 * random(), $0[1] - 0.05 * random()] }
        b += b.prefix(3).map { [-$0[0] + 0.004, -$0[1] - 0.003] } + (0..<5).map { _ in [random(), random()] }

        func distance(_ i: Int, _ j: Int) -> Double {
            var best = Double.infinity
            for sign in [1.0, -1] {
                var worst = 0.0
                for axis in 0..<2 {
                    let nearest = (-4...4).map { abs(Double(a[i][axis]) - sign * Double(b[j][axis]) + Double($0)) }.min()!
                    worst = max(worst, 8 * nearest)
                }
                best = min(best, worst)
            }
            return best
        }
        var expected: [[Int]] = [], rows = Set(a.indices), columns = Set(b.indices)
        while let next = rows.flatMap({ i in columns.map { (distance(i, $0), i, $0) } }).min(by: { $0.0 < $1.0 }), next.0 <= 0.5 {
            expected.append([next.1, next.2])
            rows.remove(next.1)
            columns.remove(next.2)
        }
        let matching = AtomMatching(vision(a), vision(b))
        #expect(indices(matching) == expected.sorted { $0[0] < $1[0] })
        #expect(matching.onlyFirst == rows.sorted() && matching.onlyOther == columns.sorted())
        #expect(!expected.isEmpty && !rows.isEmpty && !columns.isEmpty)
    }
}
