// Localisation without boxes: where the fusion layers' maps point, on held-out scenes.
//
// Each scene is asked for one thing by a phrase that is true of it alone, the one that `sdict eval` grounds. The words of
// a map are the tokens of the phrase, the task token and `<cls>` left out; all fusion atoms in use count; contributions
// are c_n = conj(phi_k(n)) w_n v_n, with w the salience where the preset has one. The maps are those of the Ask screen:
//
//     alignment            mean over words t of Re<c_n, c_t> / (|c_n| |c_t|)
//     alignment, whole     the same with the sum of all prompt tokens in place of c_t
//     response             |c_n|, which is |w_n v_n| times a constant: the same for every word
//     alignment, weighted  mean over words of alignment times |c_n|
//
// each in the last layer, which the screen shows, and alignment and response in the layers before as well. From the second
// layer on the prompt has told on the image tokens, so a response may know the words without being compared with any.
// The maps are made without boxes; whether the model learned without them is another matter.

import SpectralFormats
import SpectralModel

/// What to measure.
public struct PointingPlan: Sendable {
    public var images: Int
    public var seed: UInt64
    /// Vision atoms; `nil` for all.
    public var k: Int?
    public var threads: Int

    public init(images: Int = 1000, seed: UInt64 = 0, k: Int? = nil, threads: Int = 2) {
        self.images = images
        self.seed = seed
        self.k = k
        self.threads = threads
    }
}

public enum PointingMeasurement {
    /// Rows in a fixed order: the centre of the image, chance, the maps, the box head.
    ///
    /// - Parameters:
    ///   - path: of the checkpoint.
    ///   - progress: scenes done so far.
    /// - Throws: `LensError.noAtoms` for the attention twin, and what loading throws.
    public static func run(
        path: String, transform: Transform, plan: PointingPlan, progress: @Sendable (Int) -> Void = { _ in }
    ) throws -> [PointingRow] {
        let found = try SceneWorkers.run(
            path: path, transform: transform, count: plan.images, batch: 8, threads: plan.threads, progress: progress
        ) { model, scenes in
            var rows: [PointingRow] = []
            for index in scenes { try point(model, Scene.draw(split: .dev, seed: plan.seed, index: index), k: plan.k, into: &rows) }
            return rows
        }
        var rows: [PointingRow] = []
        for own in found.joined() {
            if let i = rows.firstIndex(where: { $0.name == own.name }) { rows[i].add(own) } else { rows.append(own) }
        }
        return rows
    }

    /// The phrase that `sdict eval` asks this scene for; `nil` for a scene without any that is true of one thing alone.
    static func phrase(_ scene: Scene) -> (phrase: String, object: Int)? {
        var random = SceneRandom(split: scene.split, seed: scene.seed, index: scene.index, purpose: .grounding)
        let phrases = scene.referringPhrases()
        guard !phrases.isEmpty else { return nil }
        let choice = random.pick(phrases)
        return (choice.phrase, choice.objectIndex)
    }

    private static func point(_ model: LoadedModel, _ scene: Scene, k: Int?, into rows: inout [PointingRow]) throws {
        guard let asked = phrase(scene) else { return }
        let target = PointingTarget(scene.render(), object: asked.object), side = Double(Scene.side)
        let seen = model.see(target.scene.image, k: k)
        let probe = try AnswerProbe(model, seen, task: .ground, prompt: asked.phrase), box = probe.choose()
        let trace = probe.trace(box)
        func row(_ name: String, _ add: (inout PointingRow) -> Void) {
            let i = rows.firstIndex { $0.name == name } ?? rows.endIndex
            if i == rows.endIndex { rows.append(PointingRow(name)) }
            add(&rows[i])
        }
        row("centre of the image") { $0.add(x: side / 2, y: side / 2, target) }
        row("a random patch (expected)") { $0.addChance(gridWidth: seen.gridWidth, gridHeight: seen.gridHeight, target) }
        for (name, map) in maps(trace) { row(name) { $0.add(map: map, gridWidth: seen.gridWidth, target) } }
        guard case .box(let shares) = box else { return }
        row("centre of the trained box head's box") { $0.add(x: Double(shares[0]) * side, y: Double(shares[1]) * side, target) }
    }

    /// Maps by name, the last layer's first; each over the grid, row by row.
    static func maps(_ trace: AnswerTrace) -> [(name: String, map: [Float])] {
        // Position 0 is the task token.
        let words = trace.words.indices.filter { !trace.words[$0].isOutput && trace.words[$0].position > 0 }
        var maps: [(name: String, map: [Float])] = []
        for layer in stride(from: trace.defaultLayer, through: 0, by: -1) {
            guard let pairs = trace.wordPatches(layer: layer) else { continue }
            let own = words.compactMap { pairs.patches(word: $0) }
            func mean(_ value: (LensMatrix, Int) -> Float) -> [Float] {
                (0..<pairs.patchCount).map { n in own.reduce(0) { $0 + value($1, n) } / Float(max(1, own.count)) }
            }
            maps.append(("alignment, mean over words, layer \(layer)", mean { $0.values[$1] }))
            if layer == trace.defaultLayer {
                if let whole = pairs.patches(word: nil) { maps.append(("alignment, whole prompt, layer \(layer)", whole.values)) }
                maps.append(("alignment, weighted by response, layer \(layer)", mean { $0.values[$1] * $0.magnitudes[$1] }))
            }
            maps.append(("response |w v|, layer \(layer)", own.first?.magnitudes ?? []))
        }
        return maps.filter { !$0.map.isEmpty }
    }
}
