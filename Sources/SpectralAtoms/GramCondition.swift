// Whether numbers from a file can be atoms at all: checked before the first pseudo-inverse, so that none can fail later.

import Foundation
import SpectralKernels

/// Why a set of atoms cannot be used.
public enum AtomError: Error, Equatable, CustomStringConvertible {
    /// A number that is not finite; `what` names it.
    case notFinite(layer: String, what: String, atom: Int)
    /// Amplitudes so large, or a ridge so small, that least squares over the atoms would lose all digits.
    case illConditioned(layer: String, condition: Double)

    public var description: String {
        switch self {
        case .notFinite(let layer, let what, let atom):
            "atoms of \(layer): expected finite numbers, found \(what) of atom \(atom) that is not; use an undamaged checkpoint"
        case .illConditioned(let layer, let condition):
            "atoms of \(layer): expected a condition of at most \(Gram.largestCondition), found \(condition); "
                + "use a checkpoint of smaller amplitudes or raise the config's ridge"
        }
    }
}

extension Gram {
    /// Elimination loses as many digits as this has; of the sixteen of a double three are left.
    public static let largestCondition = 1e13

    /// Checks that Phi^H Phi + lambda L I can be inverted on every set of tokens, whatever their number.
    ///
    /// Its eigenvalues lie between lambda L and lambda L + L sum of a_k^2, so that its condition is at most
    /// 1 + sum of a_k^2 / lambda: free of the tokens, and of which atoms a smaller K keeps.
    /// - Parameters:
    ///   - ridge: lambda as the operator uses it.
    ///   - layer: named in the error.
    public static func check(_ atoms: AtomSet, ridge: Float, layer: String) throws(AtomError) {
        for (axis, values) in atoms.frequencies.enumerated() {
            try requireFinite(values, "frequency \(axis)", layer)
        }
        try requireFinite(atoms.logAmplitude, "log amplitude", layer)
        try requireFinite(atoms.phase, "phase", layer)
        let energy = atoms.logAmplitude.reduce(0) { $0 + exp(2 * Double($1)) }
        let condition = 1 + energy / Double(ridge)
        // Not `>`: a ridge that is zero or no number must not pass.
        guard ridge > 0, condition <= largestCondition else {
            throw .illConditioned(layer: layer, condition: ridge > 0 ? condition : .infinity)
        }
    }

    private static func requireFinite(_ values: [Float], _ what: String, _ layer: String) throws(AtomError) {
        if let atom = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(layer: layer, what: what, atom: atom)
        }
    }
}
