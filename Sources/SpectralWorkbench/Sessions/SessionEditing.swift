// Between edits as a session writes them and edits as a model takes them.

import Foundation
import SpectralModel

extension SessionEdit {
    /// Writes down what is asked of atoms, the same action on several atoms as one change.
    ///
    /// A factor that is neither real nor of length 1 becomes a scale and a shift, exact to rounding.
    public init(id: String, name: String? = nil, _ edits: AtomEdits) {
        struct Step: Hashable {
            let action: Change.Action
            let amount: Float?
        }
        var order: [Step] = [], atoms: [Step: [String]] = [:]
        func add(_ action: Change.Action, _ amount: Float?, _ atom: String) {
            let step = Step(action: action, amount: amount)
            if atoms[step] == nil { order.append(step) }
            atoms[step, default: []].append(atom)
        }
        for (address, factor) in edits.factors.sorted(by: { Self.place($0.key) < Self.place($1.key) }) {
            let length = (factor.re * factor.re + factor.im * factor.im).squareRoot()
            if factor == .mute {
                add(.mute, nil, "\(address)")
            } else if factor.im == 0 {
                add(.scale, factor.re, "\(address)")
            } else {
                if (length - 1).magnitude > 1e-6 { add(.scale, length, "\(address)") }
                add(.shift, atan2(factor.im, factor.re), "\(address)")
            }
        }
        self.init(id: id, name: name, changes: order.map { Change($0.action, atoms[$0] ?? [], amount: $0.amount) })
    }

    private static func place(_ address: AtomAddress) -> (Int, Int, Int) {
        (AtomStack.allCases.firstIndex(of: address.stack) ?? 0, address.layer ?? -1, address.atom)
    }

    /// What the model is to do.
    ///
    /// - Throws: `SessionError.impossible` in the name of `run` for atoms this model does not have.
    func edits(on model: LoadedModel, run: String) throws(SessionError) -> AtomEdits {
        var edits = AtomEdits()
        for change in changes {
            var addresses: [AtomAddress] = []
            for text in change.atoms {
                guard let address = AtomAddress(text), let stack = model.model.atoms(of: address.stack) else {
                    throw .impossible(run: run, expected: "a checkpoint with atoms for edit \(id)", found: "one without")
                }
                guard (0..<stack.count).contains(address.atom), address.layer.map(stack.layers.indices.contains) ?? true else {
                    throw .impossible(
                        run: run, expected: "atoms 0 to \(stack.count - 1) in layers 0 to \(stack.layers.count - 1) of "
                            + "\(address.stack.rawValue) for edit \(id)", found: text)
                }
                addresses.append(address)
            }
            let amount = change.amount ?? 1
            switch change.action {
            case .mute: for address in addresses { edits.apply(.mute, to: address) }
            case .scale: for address in addresses { edits.apply(.scale(amount), to: address) }
            case .shift: for address in addresses { edits.apply(.shiftPhase(amount), to: address) }
            case .solo: Self.mute(allBut: addresses, on: model, &edits)
            }
        }
        return edits
    }

    /// Within each stack (and layer, where addresses name one) that the addresses are of.
    private static func mute(allBut kept: [AtomAddress], on model: LoadedModel, _ edits: inout AtomEdits) {
        for place in Set(kept.map { AtomAddress($0.stack, layer: $0.layer, atom: 0) }) {
            let atoms = Set(kept.filter { $0.stack == place.stack && $0.layer == place.layer }.map(\.atom))
            for atom in 0..<(model.model.atoms(of: place.stack)?.count ?? 0) where !atoms.contains(atom) {
                edits.apply(.mute, to: AtomAddress(place.stack, layer: place.layer, atom: atom))
            }
        }
    }
}
