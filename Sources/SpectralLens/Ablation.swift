// The lens: edits atoms, compares what the model says, and asks whether random atoms or another image would have done.
//
// Everything that comes out is a value. A task's cancellation is heeded between runs of the model, each of which takes
// as long as one answer.

import Foundation
import SpectralModel

/// What to look into about one output.
public struct LensRequest: Sendable, Hashable {
    public var edits: [LensEdit]
    /// How many random sets get the same edits.
    public var controls: Int
    /// Whether to ask about a grey image.
    public var blank: Bool
    /// How many times to ask about the image with its patches in another order.
    public var shuffles: Int
    /// Stacks whose every atom is muted in turn.
    public var ranked: [AtomStack]
    /// Control i and shuffle i are drawn from `seed` + i.
    public var seed: UInt64

    public init(
        edits: [LensEdit] = [], controls: Int = 32, blank: Bool = false, shuffles: Int = 0, ranked: [AtomStack] = [],
        seed: UInt64 = 0
    ) {
        self.edits = edits
        self.controls = controls
        self.blank = blank
        self.shuffles = shuffles
        self.ranked = ranked
        self.seed = seed
    }
}

/// How far a lens has come.
public struct LensProgress: Sendable, Equatable {
    public enum Stage: String, Sendable {
        case baseline, edit, controls, blank, shuffles, ranking
    }

    public let stage: Stage
    /// Runs of the model that are done, of all there are to do.
    public let done: Int
    public let total: Int
}

/// What the edits did.
public struct EditResult: Sendable {
    public let plan: EditPlan
    /// Energy shares of the parts in the first output.
    public let energyShares: [Float]
    public let reading: OutputReading
}

/// One control and what came of it.
public struct ControlResult: Sendable {
    public let set: ControlSet
    public let reading: OutputReading
}

/// The controls of an edit.
public struct ControlResults: Sendable {
    /// As many as were asked for; `results` has fewer where no more sets exist.
    public let requested: Int
    public let results: [ControlResult]
    /// Of the edit's change among the controls'; `nil` without controls.
    public let standing: EffectStanding?

    public var withinTolerance: Int { results.count { $0.set.isWithinTolerance } }
}

/// The image with its patches in another order.
public struct ShuffleResult: Sendable {
    public let seed: UInt64
    public let reading: OutputReading
}

/// An atom muted in all layers of its stack.
public struct RankedAtom: Sendable {
    public let stack: AtomStack
    public let atom: Int
    /// Cycles per step, as in `StackAtoms`.
    public let frequency: [Float]
    /// Mean over layers, in the first output.
    public let energyShare: Float
    public let reading: OutputReading

    public var address: AtomAddress { AtomAddress(stack, atom: atom) }
    public var change: Float { reading.change }
}

/// All that was asked for about one output.
public struct LensReport: Sendable {
    public let k: Int
    public let request: LensRequest
    public let baseline: LensBaseline
    public let edit: EditResult?
    public let controls: ControlResults?
    public let blank: OutputReading?
    public let shuffles: [ShuffleResult]
    /// Largest change first.
    public let ranking: [RankedAtom]
}

extension AnswerProbe {
    /// Looks into what the model says.
    ///
    /// - Parameter progress: called before the first run and after every one.
    /// - Throws: `LensEditError` before anything runs for edits or controls that cannot be made, `CancellationError`.
    public func lens(_ request: LensRequest, progress: (LensProgress) -> Void = { _ in }) throws -> LensReport {
        let population = AtomPopulation(model, k: image.k)
        let plan = request.edits.isEmpty ? nil : try EditPlan(request.edits, population: population)
        if request.controls > 0, let problem = plan?.controlsProblem { throw problem }
        let ranked = request.ranked.flatMap { stack in
            (population.stacks[stack]?.kept ?? []).map { AtomAddress(stack, atom: $0) }
        }
        let controlled = plan == nil ? 0 : max(0, request.controls), shuffles = max(0, request.shuffles)
        let total = 1 + (plan == nil ? 0 : 1) + controlled + (request.blank ? 1 : 0) + shuffles + ranked.count
        var done = 0
        progress(LensProgress(stage: .baseline, done: 0, total: total))
        func run<Value>(_ stage: LensProgress.Stage, _ body: () throws -> Value) throws -> Value {
            try Task.checkCancellation()
            let value = try body()
            done += 1
            progress(LensProgress(stage: stage, done: done, total: total))
            return value
        }

        let (first, energies) = try run(.baseline) {
            let first = baseline()
            return (first, AtomEnergies(trace(first.output)))
        }
        var edit: EditResult?, controls: ControlResults?
        if let plan {
            let reading = try run(.edit) { read(plan.edits, against: first) }
            edit = EditResult(plan: plan, energyShares: plan.parts.map(energies.share), reading: reading)
            if controlled > 0 {
                let sets = try RandomControls(plan, energies: energies).draw(controlled, seed: request.seed)
                let results = try sets.map { set in
                    ControlResult(set: set, reading: try run(.controls) { read(set.plan.edits, against: first) })
                }
                done += controlled - sets.count
                controls = ControlResults(
                    requested: controlled, results: results,
                    standing: EffectStanding(of: reading.change, among: results.map(\.reading.change)))
            }
        }
        let blank = try request.blank ? run(.blank) { try read(.blank, against: first) } : nil
        let orders = try (0..<shuffles).map { i in
            let seed = request.seed &+ UInt64(i)
            return ShuffleResult(seed: seed, reading: try run(.shuffles) { try read(.shuffled(seed: seed), against: first) })
        }
        var ranking = try ranked.map { address in
            RankedAtom(
                stack: address.stack, atom: address.atom,
                frequency: population.stacks[address.stack]?.frequencies[address.atom] ?? [],
                energyShare: energies.share(address.stack, address.atom),
                reading: try run(.ranking) { read(.muting([address]), against: first) })
        }
        // Stable: equal effects stay in the order of stacks and atoms.
        ranking.sort { abs($0.change) > abs($1.change) }
        return LensReport(
            k: image.k, request: request, baseline: first, edit: edit, controls: controls, blank: blank, shuffles: orders,
            ranking: ranking)
    }
}
