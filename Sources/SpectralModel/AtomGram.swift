// The Gram matrix of a stack's atoms on the tokens the stack sees: which atoms say the same there.
//
// Guarantees: closed form (SpectralAtoms.Gram), so no tokens are made; amplitudes are 1 and phases 0, since neither
// changes how alike two atoms are, so that it belongs to the stack and not to a layer.

import SpectralAtoms
import SpectralKernels

extension StackAtoms {
    /// Phi^H Phi, [K, K]: of vision on the patches, of text along the text, of fusion on both together (the image plane
    /// at t = 0 and the text line through its centre).
    ///
    /// - Parameters:
    ///   - width: patches along x.
    ///   - height: patches along y.
    ///   - text: tokens along t.
    ///   - mirrored: whether the conjugates, at -w, follow the atoms: [2K, 2K].
    public func gram(width: Int, height: Int, text: Int, mirrored: Bool = false) -> ComplexMatrix {
        let dimensions = frequencies.first?.count ?? 0
        let all = mirrored ? frequencies + frequencies.map { $0.map { -$0 } } : frequencies
        let set = AtomSet(frequencies: (0..<dimensions).map { axis in all.map { $0[axis] } })
        let lattices = switch stack {
        case .vision: [TokenLattice([width, height])]
        case .text: [TokenLattice([text])]
        case .fusion: TokenLattice.fusion(width: width, height: height, text: text)
        }
        return Gram.matrix(set, lattices)
    }
}
