// What people ask to be done to atoms, made into factors on their modulations.
//
// Guarantees: edits multiply where they meet; a layer of a stack in which anything is soloed keeps what is soloed there
// and nothing else; scaling by 1 and shifting by a whole turn are no edit at all.

import Foundation
import SpectralModel

/// What is done to selected atoms.
public enum EditAction: Sendable, Hashable {
    case mute
    /// Mutes all others of the stack, or of the layer where the selection names one.
    case solo
    case scale(Float)
    /// Adds to the phase, radians.
    case shift(Float)

    /// "mute", "solo", "scale" or "shift".
    public var name: String {
        switch self {
        case .mute: "mute"
        case .solo: "solo"
        case .scale: "scale"
        case .shift: "shift"
        }
    }

    /// The factor or the angle, if there is one.
    public var value: Float? {
        switch self {
        case .mute, .solo: nil
        case .scale(let factor): factor
        case .shift(let radians): radians
        }
    }

    /// `nil` for `solo`, which acts on the atoms that are not selected.
    var factor: AtomFactor? {
        switch self {
        case .mute: .mute
        case .solo: nil
        case .scale(let factor): .scale(factor)
        // Reduced first: the sine of 2 pi as a Float is not zero.
        case .shift(let radians): .shiftPhase(remainder(radians, 2 * .pi))
        }
    }
}

/// One thing to be done to some atoms.
public struct LensEdit: Sendable, Hashable, CustomStringConvertible {
    public var action: EditAction
    public var selections: [AtomSelection]

    public init(_ action: EditAction, _ selections: [AtomSelection]) {
        self.action = action
        self.selections = selections
    }

    /// Reads an action's name and what it is done to: `mute` and `vision/3,vision:0.25..`, `scale` and `vision/3=0.5`,
    /// `shift` and `fusion/2/40=1.57` (radians).
    ///
    /// - Throws: `LensEditError.unreadable`.
    public init(_ name: String, _ text: String) throws(LensEditError) {
        let takesValue = name == "scale" || name == "shift"
        let sides = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        let number = sides.count == 2 ? Float(sides[1]) : nil
        guard sides.count == (takesValue ? 2 : 1), !takesValue || number?.isFinite == true else {
            let expected = takesValue
                ? "atoms, =, and a number, such as vision/17=\(name == "scale" ? "0.5" : "1.57")" : AtomSelection.spelling
            throw .unreadable(text: text, expected: expected)
        }
        let action: EditAction
        switch (name, number) {
        case ("mute", _): action = .mute
        case ("solo", _): action = .solo
        case ("scale", let factor?): action = .scale(factor)
        case ("shift", let radians?): action = .shift(radians)
        default: throw .unreadable(text: name, expected: "mute, solo, scale or shift")
        }
        var selections: [AtomSelection] = []
        for part in sides[0].split(separator: ",", omittingEmptySubsequences: false) {
            selections.append(try AtomSelection(String(part)))
        }
        self.init(action, selections)
    }

    /// Name and text as `init` reads them: `scale vision/3=0.5`.
    public var description: String {
        let value = action.value.map { "=\($0)" } ?? ""
        return "\(action.name) \(selections.map(\.description).joined(separator: ","))\(value)"
    }
}

/// An action in one layer or in all (`nil`).
public struct LayerAction: Sendable, Hashable {
    public let action: EditAction
    public let layer: Int?
}

/// Atoms of one stack to which the same is done.
public struct EditPart: Sendable, Hashable {
    public let stack: AtomStack
    public let actions: [LayerAction]
    /// Selected atoms, ascending.
    public let atoms: [Int]

    /// The layers acted in; `nil` for all.
    public var layers: [Int]? {
        let named = actions.compactMap(\.layer)
        return named.count < actions.count ? nil : Set(named).sorted()
    }

    func selecting(_ atoms: [Int]) -> EditPart { EditPart(stack: stack, actions: actions, atoms: atoms.sorted()) }
}

/// Edits resolved against the atoms a model uses.
public struct EditPlan: Sendable {
    public let population: AtomPopulation
    /// No atom is in two of them.
    public let parts: [EditPart]

    /// - Throws: `LensEditError`.
    public init(_ edits: [LensEdit], population: AtomPopulation) throws(LensEditError) {
        var order: [AtomAddress] = [], actions: [AtomAddress: [LayerAction]] = [:]
        for edit in edits {
            var meant: [(address: AtomAddress, action: LayerAction)] = []
            for selection in edit.selections {
                let found = try selection.atoms(in: population)
                let action = LayerAction(action: edit.action, layer: found.layer)
                for atom in found.atoms {
                    let address = AtomAddress(found.stack, atom: atom)
                    // Selected twice in one edit is selected once.
                    if !meant.contains(where: { $0.address == address && $0.action == action }) {
                        meant.append((address, action))
                    }
                }
            }
            for (address, action) in meant {
                if actions[address] == nil { order.append(address) }
                // Muting what is muted, or sparing what is spared, says nothing new; scales and shifts multiply.
                if action.action.value == nil, actions[address]?.contains(action) == true { continue }
                actions[address, default: []].append(action)
            }
        }
        self.population = population
        var parts: [EditPart] = []
        for address in order {
            let done = actions[address] ?? []
            if let i = parts.firstIndex(where: { $0.stack == address.stack && $0.actions == done }) {
                parts[i] = parts[i].selecting(parts[i].atoms + [address.atom])
            } else {
                parts.append(EditPart(stack: address.stack, actions: done, atoms: [address.atom]))
            }
        }
        self.parts = parts
    }

    private init(population: AtomPopulation, parts: [EditPart]) {
        self.population = population
        self.parts = parts
    }

    /// The same done to other atoms, part by part.
    func replacing(_ atoms: [[Int]]) -> EditPlan {
        EditPlan(population: population, parts: zip(parts, atoms).map { $0.selecting($1) })
    }

    /// The factors that the parts ask for.
    public var edits: AtomEdits {
        var edits = AtomEdits()
        for part in parts {
            for action in part.actions {
                guard let factor = action.action.factor else { continue }
                for atom in part.atoms { edits.apply(factor, to: AtomAddress(part.stack, layer: action.layer, atom: atom)) }
            }
        }
        for (stack, own) in population.stacks {
            let solos = parts.filter { $0.stack == stack }.flatMap { part in
                part.actions.filter { $0.action == .solo }.map { (layer: $0.layer, atoms: part.atoms) }
            }
            guard !solos.isEmpty else { continue }
            let layers: [Int?] = solos.allSatisfy { $0.layer == nil } ? [nil] : (0..<own.layers).map { $0 }
            for layer in layers {
                let here = solos.filter { $0.layer == nil || $0.layer == layer }
                guard !here.isEmpty else { continue }
                let spared = Set(here.flatMap(\.atoms))
                for atom in own.kept where !spared.contains(atom) {
                    edits.apply(.mute, to: AtomAddress(stack, layer: layer, atom: atom))
                }
            }
        }
        return edits
    }

    /// Atoms of a stack in use that no edit selects.
    func others(_ stack: AtomStack) -> [Int] {
        let selected = Set(parts.filter { $0.stack == stack }.flatMap(\.atoms))
        return (population.stacks[stack]?.kept ?? []).filter { !selected.contains($0) }
    }

    /// Why no control can be drawn; `nil` where one can.
    public var controlsProblem: LensEditError? {
        for stack in AtomStack.allCases {
            let selected = parts.filter { $0.stack == stack }.reduce(0) { $0 + $1.atoms.count }
            let others = others(stack).count
            if selected > others { return .tooFewForControls(stack: stack, selected: selected, others: others) }
        }
        return nil
    }
}
