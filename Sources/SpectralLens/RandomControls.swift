// Random atoms to do the same edit to, so that an effect can be told from noise.
//
// Guarantees: a control does what the edit does, to as many atoms of the same stacks and layers; no control holds an
// atom that the edit selects; no two controls are the same; the same seed gives the same controls.
//
// Energy is matched as nearly as it can be: from a random set, atoms are swapped one by one for whichever brings the
// energies nearest, until they are within `tolerance` or no swap helps. Where one atom holds most of a stack's energy
// nothing comes near it, and the ratios say so.

import Foundation
import SpectralFormats
import SpectralModel

/// Shares of energy a_k^2 |S'_k|^2 among the atoms of a layer in one answer: see `AtomLayerUse.energyShare`.
public struct AtomEnergies: Sendable {
    /// [layer][atom]; 0 for atoms not in use.
    private let shares: [AtomStack: [[Float]]]

    public init(_ trace: AnswerTrace) {
        shares = trace.atoms.mapValues { atoms in
            atoms.layers.indices.map { layer in
                var row = [Float](repeating: 0, count: atoms.count)
                let known = AtomTable.energyShares(trace, atoms, layer: layer) ?? []
                for (atom, share) in zip(trace.kept[atoms.stack] ?? [], known) { row[atom] = share }
                return row
            }
        }
    }

    /// Means over several answers of one model at one K; nothing without any.
    public init(meanOf traces: [AnswerTrace]) {
        let all = traces.map { AtomEnergies($0).shares }
        var means: [AtomStack: [[Float]]] = [:]
        for (stack, layers) in all.first ?? [:] {
            means[stack] = layers.indices.map { layer in
                layers[layer].indices.map { atom in mean(all.map { $0[stack]?[layer][atom] ?? 0 }) }
            }
        }
        self.init(shares: means)
    }

    init(shares: [AtomStack: [[Float]]]) { self.shares = shares }

    /// Mean over these layers, all of them for `nil`.
    public func share(_ stack: AtomStack, _ atom: Int, layers: [Int]? = nil) -> Float {
        let all = shares[stack] ?? []
        return mean((layers ?? Array(all.indices)).map { all[$0][atom] })
    }

    /// Sum over the atoms of a part, in the layers it acts in.
    public func share(_ part: EditPart) -> Float {
        let layers = part.layers
        return part.atoms.reduce(0) { $0 + share(part.stack, $1, layers: layers) }
    }
}

/// The edit made to random atoms.
public struct ControlSet: Sendable {
    /// What the set was drawn from, given that it had to differ from those before it.
    public let seed: UInt64
    public let plan: EditPlan
    /// For each part, its energy share over that of the edit's part; `nil` where the edit's has none.
    public let energyRatios: [Float?]
    public let isWithinTolerance: Bool
}

/// Draws controls for one edit on one answer.
public struct RandomControls: Sendable {
    /// How far from 1 an energy ratio may be to count as equal.
    public static let tolerance: Float = 0.05
    /// The fewest with which a two-sided p-value, at least 2 / (n + 1), can fall under 0.05.
    public static let usualCount = 40

    private let plan: EditPlan
    /// For each part, by atom.
    private let energies: [[Double]]
    private let targets: [Double]

    /// - Throws: `LensEditError.tooFewForControls`.
    public init(_ plan: EditPlan, energies: AtomEnergies) throws(LensEditError) {
        if let problem = plan.controlsProblem { throw problem }
        self.plan = plan
        self.energies = plan.parts.map { part in
            let count = plan.population.stacks[part.stack]?.frequencies.count ?? 0, layers = part.layers
            return (0..<count).map { Double(energies.share(part.stack, $0, layers: layers)) }
        }
        targets = zip(plan.parts, self.energies).map { part, energy in part.atoms.reduce(0) { $0 + energy[$1] } }
    }

    /// `count` controls, fewer where no more exist. Number i is drawn from `seed` + i.
    public func draw(_ count: Int, seed: UInt64) -> [ControlSet] {
        guard !plan.parts.isEmpty else { return [] }
        var taken: Set<[[Int]]> = [], made: [ControlSet] = []
        for i in 0..<max(0, count) {
            let own = seed &+ UInt64(i)
            var random = SceneRandom(seed: own), found: Draw?
            // A walk that only meets sets already taken starts again elsewhere.
            for _ in 0..<8 where found == nil { found = walk(&random, taken) }
            guard let found else { break }
            taken.insert(found.key)
            made.append(
                ControlSet(
                    seed: own, plan: plan.replacing(found.atoms),
                    energyRatios: zip(found.sums, targets).map { $1 > 0 ? Float($0 / $1) : nil },
                    isWithinTolerance: isNear(found.sums)))
        }
        return made
    }

    /// Atoms for each part, and their energies.
    private struct Draw {
        var atoms: [[Int]]
        var sums: [Double]
        var key: [[Int]] { atoms.map { $0.sorted() } }

        func swapping(_ part: Int, _ place: Int, for atom: Int, energy: Double) -> Draw {
            var next = self
            next.atoms[part][place] = atom
            next.sums[part] = energy
            return next
        }
    }

    private func walk(_ random: inout SceneRandom, _ taken: Set<[[Int]]>) -> Draw? {
        var now = start(&random)
        var best = taken.contains(now.key) ? nil : now
        while true {
            if let best, isNear(best.sums) { return best }
            var next: Draw?, near: Draw?, nearCount = 0
            for (p, part) in plan.parts.enumerated() {
                let used = Set(zip(plan.parts, now.atoms).filter { $0.0.stack == part.stack }.flatMap(\.1))
                let free = plan.others(part.stack).filter { !used.contains($0) }
                for (place, old) in now.atoms[p].enumerated() {
                    for atom in free {
                        let energy = now.sums[p] - energies[p][old] + energies[p][atom]
                        var sums = now.sums
                        sums[p] = energy
                        let reached = distance(sums)
                        if reached < distance((next ?? now).sums) - 1e-9 {
                            next = now.swapping(p, place, for: atom, energy: energy)
                        }
                        guard isNear(sums) || reached < best.map({ distance($0.sums) }) ?? .infinity else { continue }
                        let candidate = now.swapping(p, place, for: atom, energy: energy)
                        guard !taken.contains(candidate.key) else { continue }
                        if isNear(sums) {
                            // One of those that are near, each as likely as the others.
                            nearCount += 1
                            if random.below(nearCount) == 0 { near = candidate }
                        } else {
                            best = candidate
                        }
                    }
                }
            }
            if let near { return near }
            guard let next else { return best }
            now = next
        }
    }

    private func start(_ random: inout SceneRandom) -> Draw {
        var left = Dictionary(uniqueKeysWithValues: AtomStack.allCases.map { ($0, random.shuffle(plan.others($0))) })
        let atoms = plan.parts.map { part in
            let drawn = Array((left[part.stack] ?? []).prefix(part.atoms.count))
            left[part.stack]?.removeFirst(drawn.count)
            return drawn
        }
        return Draw(atoms: atoms, sums: zip(atoms, energies).map { drawn, energy in drawn.reduce(0) { $0 + energy[$1] } })
    }

    /// Of energies from those wanted, as |log ratio| summed over parts.
    private func distance(_ sums: [Double]) -> Double {
        // Keeps the logarithm finite for atoms without energy; far under any share that matters.
        let floor = 1e-9
        return zip(sums, targets).reduce(0) { $0 + abs(log((max($1.0, 0) + floor) / ($1.1 + floor))) }
    }

    private func isNear(_ sums: [Double]) -> Bool {
        zip(sums, targets).allSatisfy { abs($0 - $1) <= Double(Self.tolerance) * $1 }
    }
}
