// Equation (3), its analysis half: pinv(Phi) = (Phi^H Phi + lambda L I)^-1 Phi^H, in double precision.
//
// Guarantees: exact for any number of atoms and tokens when lambda > 0; the result is laid out as the real matrix
// [Re P; Im P], [2K, L], so that S = P x is one real product. Cost K^2 L + K^3, once per layer and grid.

import SpectralKernels

/// Reads A = [Re Phi | -Im Phi], [L, 2K], as the complex dictionary Phi [L, K].
func complexDictionary(_ a: UnsafeBufferPointer<Float>, length: Int, atoms: Int) -> ComplexMatrix {
    var phi = ComplexMatrix(rows: length, columns: atoms)
    for l in 0..<length {
        for k in 0..<atoms {
            phi.re[l * atoms + k] = Double(a[l * 2 * atoms + k])
            phi.im[l * atoms + k] = -Double(a[l * 2 * atoms + atoms + k])
        }
    }
    return phi
}

extension Tape {
    /// pinv(Phi) as [2K, L] from A = [Re Phi | -Im Phi], [L, 2K].
    ///
    /// With G = Phi^H Phi + lambda L I, Q = G^-1 dP and W = P Q^H:  dPhi = Q^H - Phi (W + W^H).
    /// - Parameters:
    ///   - ridge: lambda, greater than zero unless the atoms are independent on these tokens.
    ///   - gram: Phi^H Phi where its closed form is at hand (`Gram.matrix`), which is free of L; `nil` multiplies it
    ///     out. The derivative is the same for both: it is one by Phi, whichever way the Gram matrix came about.
    public func pseudoInverse(_ a: Tensor, ridge: Float, gram closedForm: ComplexMatrix? = nil) -> Tensor {
        let length = a.rows, atoms = a.columns / 2
        precondition(
            closedForm == nil || (closedForm!.rows == atoms && closedForm!.columns == atoms),
            "pseudoInverse: the Gram matrix belongs to another number of atoms")
        let phi = a.values.withValues { complexDictionary($0, length: length, atoms: atoms) }
        let phiAdjoint = phi.adjoint
        var gram = closedForm ?? phiAdjoint * phi
        gram.addToDiagonal(Double(ridge) * Double(length))
        guard let inverse = gram.inverseOfHermitian() else {
            preconditionFailure("the Gram matrix of \(atoms) atoms on \(length) tokens is singular at ridge \(ridge)")
        }
        let p = inverse * phiAdjoint
        let result = tensor(rows: 2 * atoms, columns: length, needsGradient: a.needsGradient)
        result.values.withMutableValues { out in
            for i in 0..<atoms * length {
                out[i] = Float(p.re[i])
                out[atoms * length + i] = Float(p.im[i])
            }
        }
        record(result) { gradient in
            var dp = ComplexMatrix(rows: atoms, columns: length)
            gradient.withValues { g in
                for i in 0..<atoms * length {
                    dp.re[i] = Double(g[i])
                    dp.im[i] = Double(g[atoms * length + i])
                }
            }
            let q = inverse * dp, qAdjoint = q.adjoint
            let w = p * qAdjoint
            let dPhi = qAdjoint - phi * (w + w.adjoint)
            a.addToGradient { da in
                for l in 0..<length {
                    for k in 0..<atoms {
                        da[l * 2 * atoms + k] += Float(dPhi.re[l * atoms + k])
                        da[l * 2 * atoms + atoms + k] -= Float(dPhi.im[l * atoms + k])
                    }
                }
            }
        }
        return result
    }
}
