// Row moves against index arithmetic; a row taken twice collects both gradients.

import SpectralKernels
import TestSupport
import Testing

@Suite struct GatherTests {
    @Test(arguments: [1, 2]) func gather(block: Int) {
        let index = [2, 0, 2, 1], d = 3, width = block * d
        checkDerivative([Operand(4 * block, d)]) { $0.gather($1[0], index, block: block) } twin: { t in
            index.flatMap { i in (0..<width).map { t[0][i * width + $0] } }
        }
    }

    @Test func sumGathering() {
        let index = [1, 1, 0], d = 3, width = 2 * d
        checkDerivative([Operand(4, d), Operand(6, d)]) {
            $0.sum(gathering: $1[0], index, block: 2, $1[1])
        } twin: { t in
            var z = t[1]
            for (i, source) in index.enumerated() { for j in 0..<width { z[i * width + j] += t[0][source * width + j] } }
            return z
        }
    }

    @Test func rows() {
        checkDerivative([Operand(5, 2)]) { $0.rows($1[0], 1..<4) } twin: { Array($0[0][2..<8]) }
    }

    @Test(arguments: [1, 2, 6]) func groupMeans(group: Int) {
        checkDerivative([Operand(6, 3)]) { $0.groupMeans($1[0], group: group) } twin: { t in
            (0..<6 / group).flatMap { i in
                (0..<3).map { c in (0..<group).reduce(0) { $0 + t[0][(i * group + $1) * 3 + c] } / Double(group) }
            }
        }
    }

    @Test func stacked() {
        checkDerivative([Operand(2, 3), Operand(0, 3), Operand(3, 3)], fixed: [1]) { $0.stacked($1) } twin: { $0[0] + $0[2] }
    }
}
