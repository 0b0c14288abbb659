// The paper's section 7.5, tested: right answers before and after a frequency band is muted, and after random other atoms
// of like energy are.
//
// Muted are vision atoms in all layers and, on request, the fusion atoms that came from them. Controls are those of the lens
// (`RandomControls`); the energies they are matched by are means over the first scenes.

import SpectralFormats
import SpectralModel

/// What to measure.
public struct ClaimPlan: Sendable {
    public var images: Int
    /// Of scenes, controls (control i of every band has seed + i) and resamples.
    public var seed: UInt64
    /// Vision atoms; `nil` for all.
    public var k: Int?
    public var questionsPerImage = 10
    /// Random sets of other atoms for each band.
    public var controls: Int
    /// Whether the fusion atoms of the same numbers are muted as well.
    public var includesFusion: Bool
    public var threads: Int
    /// Scenes over which energies are averaged, at most.
    public static let energyScenes = 64

    public init(
        images: Int = 500, seed: UInt64 = 0, k: Int? = nil, controls: Int = 20, includesFusion: Bool = false, threads: Int = 2
    ) {
        self.images = images
        self.seed = seed
        self.k = k
        self.controls = controls
        self.includesFusion = includesFusion
        self.threads = threads
    }
}

/// Right answers of every image in every row of `ClaimQuestions.all`: [images, rows].
public struct ClaimCounts: Sendable, Equatable {
    public let images: Int
    public let rows: Int
    public internal(set) var values: [Float]

    public init(images: Int, rows: Int, values: [Float]? = nil) {
        self.images = images
        self.rows = rows
        self.values = values ?? [Float](repeating: 0, count: images * rows)
        precondition(self.values.count == images * rows, "\(self.values.count) counts cannot be \(images) x \(rows)")
    }

    /// Over all images.
    public func total(_ row: Int) -> Double { (0..<images).reduce(0) { $0 + Double(values[$1 * rows + row]) } }
}

/// One band and what came of muting it.
public struct ClaimBandCounts: Sendable {
    public let band: ClaimBand
    /// Vision atoms in use that lie in it, ascending.
    public let atoms: [Int]
    /// Their share of the vision stack's energy, mean over layers.
    public let energyShare: Float
    public let after: ClaimCounts
    public let sets: [ControlSet]
    /// After each set was muted.
    public let controls: [ClaimCounts]
    /// Why there are no controls.
    public let problem: String?

    /// How far a set's energy may be from the band's to be called alike, as a factor. Wider than the tolerance that controls
    /// are drawn for: of few atoms no nearer ones may exist.
    public static let likeness: Float = 1.25

    /// Sets whose energy is that of the band, within `likeness`, in every stack muted.
    public var alike: Int {
        sets.count { set in
            set.energyRatios.allSatisfy { ratio in ratio.map { $0 >= 1 / Self.likeness && $0 <= Self.likeness } ?? true }
        }
    }

    /// Whether most sets are alike.
    public var isMatched: Bool { !sets.isEmpty && 2 * alike > sets.count }
}

/// All bands of one model on one lot of scenes.
public struct ClaimMeasurement: Sendable {
    public let plan: ClaimPlan
    public let k: Int
    public let asked: ClaimCounts
    public let before: ClaimCounts
    public let bands: [ClaimBandCounts]

    /// Asks every question of every scene before and after every edit.
    ///
    /// - Parameters:
    ///   - path: of the checkpoint.
    ///   - progress: scenes done so far.
    /// - Throws: `LensError.noAtoms` for the attention twin, and what loading throws.
    public static func run(
        path: String, transform: Transform, plan: ClaimPlan, progress: @Sendable (Int) -> Void = { _ in }
    ) throws -> ClaimMeasurement {
        let model = try LoadedModel(path: path, transform: transform)
        let k = min(plan.k ?? model.config.visionAtoms, model.config.visionAtoms)
        let energies = try energies(model, plan, k: k)
        let prepared = try prepare(AtomPopulation(model, k: k), energies: energies, plan: plan)
        let muted = prepared.map { [$0.plan] + $0.sets.map(\.plan) }
        let edits = [AtomEdits.none] + muted.joined().map(\.edits)
        let found = try SceneWorkers.run(
            path: path, transform: transform, count: plan.images, batch: 8, threads: plan.threads, progress: progress
        ) { model, scenes in answers(model, scenes, edits: edits, plan: plan, k: k) }

        let rows = ClaimQuestions.all.count
        /// [edit]; the first is the number asked.
        let counts = (0...edits.count).map { i in
            ClaimCounts(images: plan.images, rows: rows, values: found.flatMap { $0[i] })
        }
        var next = 2
        let bands = zip(prepared, muted).map { band, plans in
            defer { next += plans.count }
            return ClaimBandCounts(
                band: band.band, atoms: band.plan.parts[0].atoms, energyShare: energies.share(band.plan.parts[0]),
                after: counts[next], sets: band.sets, controls: Array(counts[next + 1..<next + plans.count]),
                problem: band.problem)
        }
        return ClaimMeasurement(plan: plan, k: k, asked: counts[0], before: counts[1], bands: bands)
    }

    /// Mean over the first scenes, each asked its first question.
    private static func energies(_ model: LoadedModel, _ plan: ClaimPlan, k: Int) throws -> AtomEnergies {
        let traces = try (0..<min(plan.images, ClaimPlan.energyScenes)).map { index in
            let scene = Scene.draw(split: .dev, seed: plan.seed, index: index)
            let question = scene.questions(count: 1).first?.text ?? ""
            return try AnswerProbe(model, model.see(scene.render().image, k: k), task: .vqa, prompt: question).trace(.answer(0))
        }
        return AtomEnergies(meanOf: traces)
    }

    /// The bands that have atoms in use, with their edits and controls.
    static func prepare(_ population: AtomPopulation, energies: AtomEnergies, plan: ClaimPlan) throws
        -> [(band: ClaimBand, plan: EditPlan, sets: [ControlSet], problem: String?)]
    {
        guard let vision = population.stacks[.vision] else { throw LensError.noAtoms(operation: "muting frequency bands") }
        typealias Prepared = (band: ClaimBand, plan: EditPlan, sets: [ControlSet], problem: String?)
        return try ClaimBand.all.compactMap { band -> Prepared? in
            let atoms = vision.kept.filter { band.contains(vision.frequencies[$0]) }
            guard !atoms.isEmpty else { return nil }
            let stacks: [AtomStack] = plan.includesFusion ? [.vision, .fusion] : [.vision]
            let edit = LensEdit(.mute, stacks.flatMap { stack in atoms.map { .atom(AtomAddress(stack, atom: $0)) } })
            let muted = try EditPlan([edit], population: population)
            guard plan.controls > 0 else { return (band, muted, [], nil) }
            if let problem = muted.controlsProblem { return (band, muted, [], problem.description) }
            return (band, muted, try RandomControls(muted, energies: energies).draw(plan.controls, seed: plan.seed), nil)
        }
    }

    /// For a batch of scenes, [what][scenes x rows]: the number asked, then right answers under each edit.
    private static func answers(
        _ model: LoadedModel, _ scenes: Range<Int>, edits: [AtomEdits], plan: ClaimPlan, k: Int
    ) -> [[Float]] {
        let drawn = scenes.map { Scene.draw(split: .dev, seed: plan.seed, index: $0) }, images = drawn.map { $0.render().image }
        let asked = drawn.enumerated().flatMap { image, scene in
            scene.questions(count: plan.questionsPerImage).map { (image: image, question: $0) }
        }
        let rows = ClaimQuestions.all.count
        let rowsOf = asked.map { item in ClaimQuestions.all.indices.filter { ClaimQuestions.all[$0].contains(item.question) } }
        func count(_ counts: (Int) -> Bool) -> [Float] {
            var values = [Float](repeating: 0, count: drawn.count * rows)
            for (i, item) in asked.enumerated() where counts(i) {
                for row in rowsOf[i] { values[item.image * rows + row] += 1 }
            }
            return values
        }
        return [count { _ in true }]
            + edits.map { edits in
                let seen = model.see(images, k: k, edits: edits.only([.vision]))
                let found = model.answerProbabilities(
                    seen, imageOf: asked.map(\.image), questions: asked.map(\.question.text), edits: edits.only([.text, .fusion]))
                let best = found.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
                return count { model.answers[best[$0]] == asked[$0].question.answer }
            }
    }
}

extension AtomEdits {
    /// Those of some stacks.
    func only(_ stacks: Set<AtomStack>) -> AtomEdits {
        var edits = AtomEdits()
        for (address, factor) in factors where stacks.contains(address.stack) { edits.apply(factor, to: address) }
        return edits
    }
}
