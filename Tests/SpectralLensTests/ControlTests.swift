// Random controls against brute force and hand counts.

import Foundation
import SpectralModel
import Testing

@testable import SpectralLens

@Suite struct ControlTests {
    /// `count` vision and fusion atoms in two layers, all in use.
    private func population(_ count: Int) -> AtomPopulation {
        let stack = AtomPopulation.Stack(
            frequencies: (0..<count).map { [Float($0) / 100, 0, 0] }, kept: Array(0..<count), layers: 2)
        return AtomPopulation(k: count, stacks: [.vision: stack, .fusion: stack])
    }

    private func plan(_ edits: [(String, String)], _ population: AtomPopulation) throws -> EditPlan {
        try EditPlan(edits.map { try LensEdit($0, $1) }, population: population)
    }

    /// Between 0 and 1, no two alike, the same in every run.
    private func shares(_ count: Int, layer: Int) -> [Float] {
        (0..<count).map { Float(($0 * 37 + layer * 11) % 101 + 1) / 1000 + Float($0) / 1e6 }
    }

    private func energies(_ count: Int) -> AtomEnergies {
        let layers = [shares(count, layer: 0), shares(count, layer: 1)]
        return AtomEnergies(shares: [.vision: layers, .fusion: layers])
    }

    private func atoms(_ sets: [ControlSet]) -> [[[Int]]] { sets.map { $0.plan.parts.map(\.atoms) } }

    @Test func controlsAreOtherAtomsOfEqualEnergy() throws {
        let n = 40, selected = [3, 7, 11, 20, 31]
        let plan = try plan([("mute", selected.map { "vision/\($0)" }.joined(separator: ","))], population(n))
        let controls = try RandomControls(plan, energies: energies(n)), drawn = controls.draw(24, seed: 5)
        #expect(drawn.count == 24 && drawn.map(\.seed) == Array(5..<29))
        #expect(Set(atoms(drawn)).count == 24)
        let mean = zip(shares(n, layer: 0), shares(n, layer: 1)).map { ($0 + $1) / 2 }
        let target = selected.reduce(0) { $0 + mean[$1] }
        for set in drawn {
            let chosen = set.plan.parts[0].atoms
            #expect(chosen.count == 5 && Set(chosen).count == 5 && Set(chosen).isDisjoint(with: selected))
            let ratio = try #require(set.energyRatios[0])
            #expect(abs(ratio - chosen.reduce(0) { $0 + mean[$1] } / target) < 1e-5)
            #expect(set.isWithinTolerance && abs(ratio - 1) <= RandomControls.tolerance)
            #expect(set.plan.edits == .muting(chosen.map { AtomAddress(.vision, atom: $0) }))
        }
        #expect(atoms(controls.draw(24, seed: 5)) == atoms(drawn))
        #expect(atoms(controls.draw(24, seed: 6)) != atoms(drawn))
        #expect(atoms(controls.draw(7, seed: 5)) == Array(atoms(drawn).prefix(7)), "asking for more changes none")
    }

    @Test func oneAtomMeetsItsNearestFirst() throws {
        let shares: [Float] = [0.5, 0.1, 0.09, 0.2, 0.07, 0.02, 0.02]
        let plan = try plan([("mute", "vision/1")], population(7))
        let controls = try RandomControls(plan, energies: AtomEnergies(shares: [.vision: [shares, shares]]))
        for seed: UInt64 in [0, 1, 99] {
            // By ratio: 0.9, 0.7, 2, 5 (against 0.2, as far), which the seed decides, and so on until none is left.
            let drawn = atoms(controls.draw(9, seed: seed)).map { $0[0][0] }
            #expect(Array(drawn.prefix(3)) == [2, 4, 3])
            #expect(drawn.count == 6 && Set(drawn) == [0, 2, 3, 4, 5, 6])
        }
        #expect(controls.draw(1, seed: 0)[0].isWithinTolerance == false)
    }

    @Test func energyIsOfTheLayersEdited() throws {
        let first: [Float] = [0.3, 0.1, 0.1, 0.5], second: [Float] = [0.3, 0.5, 0.1, 0.1]
        func nearest(_ text: String) throws -> (atom: Int, ratio: Float?) {
            let plan = try plan([("mute", text)], population(4))
            let set = try RandomControls(plan, energies: AtomEnergies(shares: [.vision: [first, second]])).draw(1, seed: 3)[0]
            return (set.plan.parts[0].atoms[0], set.energyRatios[0])
        }
        #expect(try nearest("vision/0/1") == (2, 1))
        #expect(try nearest("vision/1/1").atom == 0)
        let both = try nearest("vision/1")
        #expect(both.atom == 0 || both.atom == 3)
        #expect(abs((both.ratio ?? 0) - 1) < 1e-6)
    }

    @Test func everyPartGetsAtomsOfItsOwn() throws {
        let plan = try plan(
            [("mute", "vision/1,vision/2"), ("scale", "vision/3=0.5"), ("shift", "vision/3=1"), ("solo", "fusion/0/3")], population(12))
        let drawn = try RandomControls(plan, energies: energies(12)).draw(12, seed: 1)
        #expect(drawn.count == 12)
        for set in drawn {
            let parts = set.plan.parts
            #expect(parts.map(\.actions) == plan.parts.map(\.actions) && parts.map(\.atoms.count) == [2, 1, 1])
            let vision = parts[0].atoms + parts[1].atoms
            #expect(Set(vision).count == 3 && Set(vision).isDisjoint(with: [1, 2, 3]))
            #expect(parts[2].atoms != [3])
            #expect(set.plan.edits.factors[AtomAddress(.vision, atom: parts[1].atoms[0])] == .scale(0.5) * .shiftPhase(1))
            #expect(set.plan.edits.factors.keys.count { $0.stack == .fusion && $0.layer == 0 } == 11)
        }
    }

    @Test func tooFewOthersAreRefused() throws {
        let half = try plan([("mute", "vision/0,vision/1,vision/2")], population(6))
        #expect(half.controlsProblem == nil)
        // Of 3 others there is one set of 3.
        #expect(try atoms(RandomControls(half, energies: energies(6)).draw(5, seed: 0)) == [[[3, 4, 5]]])
        let more = try plan([("mute", "vision/0,vision/1,vision/2"), ("scale", "vision/3=2")], population(6))
        #expect(more.controlsProblem == .tooFewForControls(stack: .vision, selected: 4, others: 2))
        #expect(throws: LensEditError.self) { try RandomControls(more, energies: energies(6)) }
    }

    @Test func atomsWithoutEnergyHaveNoRatio() throws {
        let shares: [Float] = [0, 0, 0.4, 0.6], plan = try plan([("mute", "vision/0")], population(4))
        let drawn = try RandomControls(plan, energies: AtomEnergies(shares: [.vision: [shares, shares]])).draw(2, seed: 0)
        #expect(atoms(drawn)[0] == [[1]] && drawn[0].isWithinTolerance && !drawn[1].isWithinTolerance)
        #expect(drawn.allSatisfy { $0.energyRatios == [nil] })
    }

    @Test func standingIsCountedByHand() throws {
        func standing(_ effect: Float, _ controls: [Float]) throws -> EffectStanding {
            try #require(EffectStanding(of: effect, among: controls))
        }
        let low = try standing(-3, [2, -1, 0, 1])
        #expect(low.percentile == 0 && abs(low.pValue - 0.4) < 1e-6 && abs(low.smallestPValue - 0.4) < 1e-6)
        #expect(low.mean == 0.5 && low.median == 0.5 && low.minimum == -1 && low.maximum == 2 && low.count == 4)
        #expect(abs(low.standardDeviation - Float(5.0 / 3).squareRoot()) < 1e-6)
        let high = try standing(1.5, [2, -1, 0, 1])
        #expect(high.percentile == 75 && abs(high.pValue - 0.8) < 1e-6)
        // One ties and one is beyond: 2 x 3 of 9.
        let tied = try standing(1, [1, 2, 0, 0, 0, 0, 0, 0])
        #expect(tied.percentile == 81.25 && abs(tied.pValue - 6.0 / 9) < 1e-6)
        let same = try standing(0, [0, 0, 0])
        #expect(same.percentile == 50 && same.pValue == 1 && same.standardDeviation == 0)
        #expect(EffectStanding(of: 1, among: []) == nil)
    }
}
