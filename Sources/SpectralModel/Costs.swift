// What running a model costs, counted from its shapes: floating-point operations and bytes of state.
//
// For one image of V patches, a prompt of T tokens and a suffix read token by token, d channels, r the perceptron's
// ratio, K' the atoms kept of the stack. A multiplication with its addition counts 2, a complex product 6. A layer on
// n tokens takes
//
//     projections   2 n d^2 a map    gated: gate, value, out, in fusion salience too, to its masks; paper: value, out; the twin: four
//     analysis      4 n K' d         [2K', n] by [n, d]
//     modulation    6 K' d           in fusion's prefix once as the image reads and once as text reads
//     synthesis     4 n K' d         [n, 2K'] by [2K', d]
//     attention     4 n m d          n queries on m keys; the twin only
//     perceptrons   4 r n d^2
//     steering      2 n m (d + 2K) + 6 n K'    m masks, g for all K atoms at any K'; text tokens alone, with the projections
//
// Besides there are the patch embedding, 2 V 3p^2 d, with the projections, and heads, 4 d^2 + 4 d outputs a row. Fusion's
// prefix has n = V + T; its last layer only leaves its memory: value, salience (the twin: key, value), analysis, one
// modulation.
//
// Left out, being small or made once for weights and grid: norms, activations, softmaxes, gates, sums, dictionaries and
// pseudo-inverses. Analysis and synthesis count as dense products, whichever evaluation runs: columns stay comparable.

import SpectralFormats

/// Floating-point operations by stage.
public struct OperationCount: Sendable, Equatable, Codable {
    public var projections = 0
    public var analysis = 0
    public var modulation = 0
    public var synthesis = 0
    /// Products of queries, keys and values: 0 but for the attention twin.
    public var attention = 0
    public var perceptrons = 0
    public var heads = 0

    public init() {}

    public var total: Int { projections + analysis + modulation + synthesis + attention + perceptrons + heads }
    /// `total` in units of 10^9.
    public var billions: Double { Double(total) / 1e9 }

    public static func + (a: OperationCount, b: OperationCount) -> OperationCount { a.combined(b, times: 1) }

    /// a + n b.
    func combined(_ b: OperationCount, times n: Int) -> OperationCount {
        var sum = self
        sum.projections += n * b.projections
        sum.analysis += n * b.analysis
        sum.modulation += n * b.modulation
        sum.synthesis += n * b.synthesis
        sum.attention += n * b.attention
        sum.perceptrons += n * b.perceptrons
        sum.heads += n * b.heads
        return sum
    }
}

/// Costs of a model at one K, on the grid it was trained on.
public struct ModelCosts: Sendable {
    private let config: ModelConfig
    private let visionAtoms: Int
    private let fusionAtoms: Int
    private let imageTokens: Int

    /// - Parameter k: vision atoms used, 1 to the config's own; without meaning for the attention twin.
    public init(_ config: ModelConfig, k: Int) {
        self.config = config
        visionAtoms = min(k, config.visionAtoms)
        // The text's DC atom is the image's.
        fusionAtoms = visionAtoms + config.textAtoms - 1
        imageTokens = config.gridSize * config.gridSize
    }

    private var d: Int { config.width }
    /// Atoms of the suffix's running state.
    private var suffixAtoms: Int { config.suffixState == .text ? config.textAtoms : fusionAtoms }
    private var isTwin: Bool { config.preset == .attention }

    /// Patch embedding and vision stack.
    public var vision: OperationCount {
        var embedding = OperationCount()
        embedding.projections = 2 * imageTokens * 3 * config.patchSize * config.patchSize * d
        if config.patchMLP { embedding.perceptrons = perceptron(imageTokens) }
        return embedding.combined(selfLayer(imageTokens, atoms: visionAtoms), times: config.visionLayers)
    }

    /// Text stack and fusion's prefix.
    ///
    /// - Parameter prompt: its tokens T, the task token included.
    public func prefix(prompt: Int) -> OperationCount {
        let n = imageTokens + prompt
        var leaving = OperationCount(), passing = OperationCount()
        // Value (the twin: key and value), salience; then out and gate (the twin: query).
        leaving.projections = (isTwin ? 2 : 1) * map(n) + salience(n)
        passing.projections = leaving.projections + (config.preset == .paper ? 1 : 2) * map(n) + steering(prompt)
        passing.perceptrons = perceptron(n)
        if isTwin {
            passing.attention = 4 * n * n * d
        } else {
            leaving.analysis = 4 * n * fusionAtoms * d
            leaving.modulation = 6 * fusionAtoms * d
            passing.analysis = leaving.analysis
            passing.modulation = 2 * leaving.modulation
            passing.synthesis = 4 * n * fusionAtoms * d
        }
        return leaving.combined(passing, times: config.fusionLayers - 1)
            .combined(selfLayer(prompt, atoms: config.textAtoms), times: config.textLayers)
    }

    /// Fusion's layers on one suffix token.
    ///
    /// - Parameters:
    ///   - prompt: tokens of the prompt T.
    ///   - index: the token's place in the suffix, 0 for `<cls>`. Only the attention twin's cost grows with it.
    public func step(prompt: Int, index: Int) -> OperationCount {
        var layer = OperationCount()
        layer.projections = selfMaps * map(1) + salience(1) + steering(1)
        layer.perceptrons = perceptron(1)
        if isTwin {
            layer.attention = 4 * (imageTokens + prompt + index + 1) * d
        } else {
            layer.analysis = 4 * suffixAtoms * d
            layer.modulation = 6 * suffixAtoms * d
            // One product with the sum of both spectra, or one with each.
            layer.synthesis = 4 * (fusionAtoms + (config.suffixState == .text ? suffixAtoms : 0)) * d
        }
        return OperationCount().combined(layer, times: config.fusionLayers)
    }

    /// From an image already seen to the distribution over answers.
    public func answer(prompt: Int) -> OperationCount { once(prompt: prompt, outputs: config.answers) }

    /// From an image already seen to a box.
    public func box(prompt: Int) -> OperationCount { once(prompt: prompt, outputs: 4) }

    /// From an image already seen to a text.
    ///
    /// - Parameter steps: distributions computed, one for each token and one for the `<eos>` that ended the text.
    public func caption(prompt: Int, steps: Int) -> OperationCount {
        (0..<steps).reduce(prefix(prompt: prompt)) { $0 + step(prompt: prompt, index: $1) + head(config.vocabularySize) }
    }

    /// Bytes that decoding carries from token to token, after `steps` of them: what `PrefixMemory.bytes` says.
    /// A prefix spectrum and a running one, 2K' x d floats each (or 2n of the n text atoms), in every fusion layer; the
    /// twin's are its keys and values.
    public func stateBytes(prompt: Int, steps: Int) -> Int {
        let rows = isTwin ? 2 * (imageTokens + prompt + steps) : 2 * (fusionAtoms + suffixAtoms)
        return config.fusionLayers * rows * d * MemoryLayout<Float>.stride
    }

    // MARK: Parts

    private func once(prompt: Int, outputs: Int) -> OperationCount {
        prefix(prompt: prompt) + step(prompt: prompt, index: 0) + head(outputs)
    }

    private func selfLayer(_ n: Int, atoms: Int) -> OperationCount {
        var layer = OperationCount()
        layer.projections = selfMaps * map(n)
        layer.perceptrons = perceptron(n)
        if isTwin {
            layer.attention = 4 * n * n * d
        } else {
            layer.analysis = 4 * n * atoms * d
            layer.modulation = 6 * atoms * d
            layer.synthesis = 4 * n * atoms * d
        }
        return layer
    }

    private func head(_ outputs: Int) -> OperationCount {
        var count = OperationCount()
        count.heads = 2 * d * 2 * d + 2 * 2 * d * outputs
        return count
    }

    /// Maps d to d of a self-mixing layer.
    private var selfMaps: Int {
        switch config.preset {
        case .gated: 3
        case .paper: 2
        case .attention: 4
        }
    }

    private func map(_ n: Int) -> Int { 2 * n * d * d }
    /// Masks that channels share are spread over them by a product of the same size.
    private func salience(_ n: Int) -> Int {
        guard config.has(.salience) else { return 0 }
        return config.salienceGroups.map { 4 * n * d * $0 } ?? map(n)
    }
    /// Down to the masks and up to all atoms, and each kept atom's turn.
    private func steering(_ n: Int) -> Int {
        let all = config.visionAtoms + config.textAtoms - 1
        return config.steering.map { n * (2 * $0 * (d + 2 * all) + 6 * fusionAtoms) } ?? 0
    }
    private func perceptron(_ n: Int) -> Int { 4 * config.mlpRatio * n * d * d }
}

extension ModelConfig {
    /// Numbers in the weights that the first `k` vision atoms leave in use.
    ///
    /// - Parameter all: numbers in all weights.
    public func parameterCount(of all: Int, k: Int) -> Int {
        guard preset != .attention else { return all }
        // An atom is its frequency, and in every layer an amplitude, a phase, and gain and phase bias over the channels; where
        // words steer, a complex number for each mask and one more.
        let vision = 2 + visionLayers * (2 + 2 * width)
        let crossGains = !has(.crossGain) ? 0 : suffixState == .text ? fusionLayers - 1 : fusionLayers
        let steeringPerAtom = steering.map { 2 * $0 + 2 } ?? 0
        let fusion = 3 + fusionLayers * (2 + 2 * width + steeringPerAtom) + crossGains * 2 * width
        return all - (visionAtoms - min(k, visionAtoms)) * (vision + fusion)
    }
}
