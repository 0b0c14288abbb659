// Fusion of image and words, and its causal suffix, by the spectral operator.
//
// The prefix spectrum is S = S_image + S_prompt. Preset `gated`: salience-weighted analysis by the adjoint,
// S_kc = sum_n conj(phi_k(n)) w_nc v_nc, with w a softmax over the tokens of one modality, per channel, halved so that
// both modalities weigh one together. Preset `paper`: plain pinv over image and prompt tokens together.
// Image tokens read S through (C, B), text positions through their own cross gain (C2, B2).
// A suffix token adds conj(phi_k(s)) v_s sigmoid(h W_g) / 8 to a running complex state K x d (the paper's 8.2). In the
// suffix all atoms of one text frequency are alike, and the vision-derived ones have none: where config.json says so, the
// state is kept on the text's own atoms alone, through a gain and phase bias of their own (C3, B3).
// There text may also steer: each word reads S' C2 exp(i B2) g, with one complex g for an atom that is linear in the word's
// own state. Without it all words read one and the same sum over places, channel by channel.

import SpectralAtoms
import SpectralFormats
import SpectralKernels

/// One fusion layer's mixer.
final class SpectralFusion: FusionMixing {
    let gate: Linear?
    let value: Linear
    let out: Linear
    /// `nil` where analysis is by plain pinv: in preset `paper`, and where an ablation leaves it out.
    let salience: SalienceLogits?
    let atoms: LayerAtoms
    /// C2 and B2; `nil` where text reads through C and B: in preset `paper`, where an ablation leaves them out, and in a
    /// last layer whose suffix has a modulation of its own, since there nothing else reads through them.
    let crossGain: Tensor?
    let crossBias: Tensor?
    /// C3 and B3 with the atoms they belong to; `nil` where the suffix uses all atoms as the image does.
    let ownSuffix: SuffixModulation?
    /// `nil` where all words read the prefix alike.
    let steering: Steering?
    private let ridge: Float
    private let transform: Transform?
    private let cache: BasisCache<FusionBasis>

    /// - Parameter isLast: whether no layer follows, so that image and prompt tokens read nothing here.
    init(
        _ scope: ParameterScope, bank: AtomBank, config: ModelConfig, modulation: Modulation, isLast: Bool = false,
        transform: Transform?
    ) {
        let d = config.width, n = bank.count, onlyTextReads = isLast && config.suffixState == .text
        // Words start by reading DC: through the gain alone, or where they steer, through what they choose of it.
        let open = (config.steering == nil ? 1 : bank.visionDerived) * d, dc = (0..<n * d).map { $0 < open ? Float(1) : 0 }
        gate = config.preset == .paper ? nil : Linear(scope.scope("gate"), d, d)
        value = Linear(scope.scope("value"), d, d)
        out = Linear(scope.scope("out"), d, d, scale: 0.7)
        salience = config.has(.salience) ? SalienceLogits(scope.scope("salience"), d, groups: config.salienceGroups) : nil
        atoms = LayerAtoms(
            scope.scope("atoms"), bank: bank, width: d, modulation: onlyTextReads ? (dc, dc.map { _ in 0 }) : modulation,
            // B2, which it stands for there, is trained whatever becomes of B.
            frozenBias: config.phaseBias == .frozen && !onlyTextReads)
        if config.has(.crossGain), !onlyTextReads {
            crossGain = scope.tensor("cross_gain", n, d, .vector, .values(dc, noise: 0.05))
            crossBias = scope.tensor("cross_phase_bias", n, d, .vector, .normal(0.1))
        } else {
            crossGain = nil
            crossBias = nil
        }
        ownSuffix = config.suffixState == .text ? SuffixModulation(scope, bank: bank, width: d) : nil
        precondition(config.steering == nil || ownSuffix != nil, "words that steer need a suffix on the text's own atoms")
        steering = config.steering.map { Steering(scope.scope("steering"), width: d, rank: $0, bank: bank) }
        ridge = Float(config.ridge)
        self.transform = transform
        cache = BasisCache(enabled: transform != nil)
    }

    func prefix(
        _ tape: Tape, image: ImageTokens, imageNorm: Tensor, prompt: Tensor, promptNorm: Tensor,
        layout: SequenceLayout, k: Int, continuing: Bool, probe: LayerProbe?
    ) -> (image: Tensor?, prompt: Tensor?, memory: LayerMemory) {
        let grid = GridKey(width: layout.gridWidth, height: layout.gridHeight, text: layout.textEnd)
        let basis = basis(tape, grid, prompts: salience == nil ? layout.distinctLengths : [], k: k)
            .edited(tape, probe, kept: atoms.bank.kept(k), ofSuffix: ownSuffix?.atoms)
        let v = layout.tokensPerImage, block = basis.modulation.rows
        let imageSegments = layout.imageSegments(image.tokens.rows / v)
        let imageValue = value(tape, imageNorm), promptValue = value(tape, promptNorm)

        let spectrum: Tensor
        if let salience {
            let imageU = tape.salience(
                imageValue, logits: salience(tape, imageNorm), segments: imageSegments.map(\.rows), scale: 0.5)
            let promptU = tape.salience(
                promptValue, logits: salience(tape, promptNorm), segments: layout.promptSegments.map(\.rows), scale: 0.5)
            probe?.record(.imageValues, imageU)
            probe?.record(.promptValues, promptU)
            spectrum = tape.sum(
                gathering: basis.fourier?.analyse(tape, imageU, imageSegments)
                    ?? tape.adjointProduct(basis.image, imageU, imageSegments),
                image.blockOf, block: block,
                tape.adjointProduct(basis.text, promptU, layout.promptSegments))
        } else {
            probe?.record(.imageValues, imageValue)
            probe?.record(.promptValues, promptValue)
            // pinv over the whole prefix: its first V columns meet the image, the rest the prompt.
            let images = tape.gather(imageValue, image.blockOf, block: v)
            let perSequence = layout.imageSegments(layout.sequenceCount)
            let words = layout.promptSegments.map { Segment($0.rows, offset: v) }
            spectrum = tape.sum(
                tape.columnProduct(basis.inverses, choice: layout.lengthChoice, images, perSequence),
                tape.columnProduct(basis.inverses, choice: layout.lengthChoice, promptValue, words))
        }

        let forText = tape.modulate(spectrum, by: basis.crossModulation ?? basis.modulation)
        let memory = LayerMemory.spectral(
            SpectralMemory(prefix: forText, running: nil, basis: basis, grid: grid, probe: probe))
        probe?.record(.spectrum, spectrum)
        probe?.record(.crossModulated, forText)
        guard continuing else { return (nil, nil, memory) }

        let forImage = tape.modulate(spectrum, by: basis.modulation)
        probe?.record(.modulated, forImage)
        let imageMixed =
            basis.fourier?.synthesise(tape, forImage)
            ?? tape.rowProduct(basis.image, forImage, layout.imageSegments(layout.sequenceCount))
        let promptMixed = reading(tape, basis, forText, by: promptNorm, layout.promptSegments, k: k)
        let imageResidual = image.perSequence ? image.tokens : tape.gather(image.tokens, image.blockOf, block: v)
        let imageGate = gate.map { gate in
            image.perSequence ? gate(tape, imageNorm) : tape.gather(gate(tape, imageNorm), image.blockOf, block: v)
        }
        return (
            project(tape, imageMixed, gate: imageGate, residual: imageResidual),
            project(tape, promptMixed, gate: gate.map { $0(tape, promptNorm) }, residual: prompt), memory
        )
    }

    func suffix(_ tape: Tape, h: Tensor, residual: Tensor, memory: LayerMemory, layout: SequenceLayout, k: Int) -> Tensor {
        let memory = spectral(memory), basis = memory.basis
        let read = reading(tape, basis, memory.prefix, by: h, layout.suffixSegments, k: k, probe: memory.probe)
        // phi(t) conj(phi(s)) depends on t - s alone: the running state, evaluated for all t at once.
        let lags = Positions.text(layout.longestSuffix, centredOn: 1, 1)
        let lagMatrix = tape.atomMatrix(
            frequencies: atoms.bank.frequencies, logAmplitude: atoms.logAmplitude, phase: nil, positions: lags,
            kept: ownSuffix?.atoms ?? atoms.bank.kept(k), amplitudePower: 2)
        let kernel = tape.linear(lagMatrix, basis.suffixModulation)
        let added = contribution(tape, h)
        memory.probe?.record(.suffixValues, added)
        let mixed = tape.causalMix(added, kernel: kernel, layout.suffixSegments, plus: read)
        return project(tape, mixed, gate: gate.map { $0(tape, h) }, residual: residual)
    }

    func step(_ tape: Tape, h: Tensor, residual: Tensor, memory layerMemory: inout LayerMemory, t: [Int], k: Int) -> Tensor {
        var memory = spectral(layerMemory)
        let end = (t.max() ?? 0) + 1
        if end > memory.grid.text {
            // Longer texts add rows to the dictionary, never parameters; doubling keeps the cache small.
            let text = max(end, 2 * memory.grid.text)
            memory.grid = GridKey(width: memory.grid.width, height: memory.grid.height, text: text)
            memory.basis = basis(tape, memory.grid, prompts: [], k: k)
                .edited(tape, memory.probe, kept: atoms.bank.kept(k), ofSuffix: ownSuffix?.atoms)
        }
        let basis = memory.basis
        let segments = t.enumerated().map { Segment($0.offset..<$0.offset + 1, offset: $0.element) }
        let own = contribution(tape, h)
        memory.probe?.record(.suffixValues, own)
        let added = tape.adjointProduct(basis.suffixText, own, segments)
        let running = memory.running.map { tape.sum($0, added) } ?? added
        memory.running = running
        layerMemory = .spectral(memory)
        let heard = tape.modulate(running, by: basis.suffixModulation)
        let mixed =
            ownSuffix == nil
            ? tape.rowProduct(basis.text, tape.sum(memory.prefix, heard), segments)
            : tape.sum(
                reading(tape, basis, memory.prefix, by: h, segments, k: k, probe: memory.probe),
                tape.rowProduct(basis.suffixText, heard, segments))
        return project(tape, mixed, gate: gate.map { $0(tape, h) }, residual: residual)
    }

    /// The prefix spectra S' [n 2K', d] as words h [tokens, d] read them: Re(sum over k of phi_k(t) g_k(h) S'_k), with g = 1
    /// where words do not steer.
    ///
    /// - Parameter probe: where g is written down, if anywhere.
    func reading(
        _ tape: Tape, _ basis: FusionBasis, _ spectra: Tensor, by h: Tensor, _ segments: [Segment], k: Int, probe: LayerProbe? = nil
    ) -> Tensor {
        guard let steering else { return tape.rowProduct(basis.text, spectra, segments) }
        let turns = steering(tape, h), rows = tape.steered(basis.text, by: turns, kept: atoms.bank.kept(k), segments)
        probe?.record(.steering, turns)
        return tape.rowProduct(rows, spectra, segments.map { Segment($0.rows, offset: $0.rows.lowerBound) })
    }

    private func spectral(_ memory: LayerMemory) -> SpectralMemory {
        guard case .spectral(let own) = memory else {
            preconditionFailure("a spectral layer was given an attention layer's memory")
        }
        return own
    }

    /// v_s sigmoid(h W_g) / 8.
    private func contribution(_ tape: Tape, _ h: Tensor) -> Tensor {
        guard let salience else { return tape.scaled(value(tape, h), by: 1.0 / 8) }
        return tape.logisticGate(value(tape, h), logits: salience(tape, h), scale: 1.0 / 8)
    }

    private func project(_ tape: Tape, _ mixed: Tensor, gate: Tensor?, residual: Tensor) -> Tensor {
        out(tape, gate.map { tape.gatedRMSNorm(gate: $0, mixed) } ?? mixed, plus: residual)
    }

    func basis(_ tape: Tape, _ grid: GridKey, prompts: [Int], k: Int) -> FusionBasis {
        cache.basis(BasisKey(grid: grid, k: k, lengths: prompts), recording: tape.recording) {
            let tape = $0 ?? tape
            let kept = atoms.bank.kept(k)
            let image = atoms.dictionary(tape, .grid(width: grid.width, height: grid.height, dimensions: 3), kept: kept)
            let positions = Positions.text(grid.text, centredOn: grid.width, grid.height)
            let text = atoms.dictionary(tape, positions, kept: kept)
            let inverses = prompts.map { tape.pseudoInverse(tape.stacked([image, tape.rows(text, 0..<$0)]), ridge: ridge) }
            let cross = crossGain.map { tape.modulation(gain: $0, bias: crossBias!, kept: kept) }
            let modulation = atoms.modulation(tape, kept: kept)
            return FusionBasis(
                image: image, text: text, inverses: inverses, modulation: modulation, crossModulation: cross,
                suffixText: ownSuffix.map { atoms.dictionary(tape, positions, kept: $0.atoms) } ?? text,
                suffixModulation: ownSuffix?.modulation(tape) ?? modulation,
                fourier: GridTransform(
                    atoms.numbers(kept), width: grid.width, height: grid.height, channels: value.weight.columns,
                    evaluation: tape.recording ? nil : transform))
        }
    }
}

/// Logits of salience, [n, d]: h W + b, of one mask for every channel or of fewer, each for a run of channels.
struct SalienceLogits {
    private let masks: Linear
    /// [masks, d], 1 where a channel has the mask; `nil` where each has its own.
    private let spread: Tensor?

    init(_ scope: ParameterScope, _ width: Int, groups: Int?) {
        masks = Linear(scope, width, groups ?? width, scale: 0.5)
        spread = groups.map { groups in
            Tensor(
                rows: groups, columns: width,
                (0..<groups * width).map { $0 % width / (width / groups) == $0 / width ? 1 : 0 })
        }
    }

    func callAsFunction(_ tape: Tape, _ h: Tensor) -> Tensor {
        let logits = masks(tape, h)
        return spread.map { tape.linear(logits, $0) } ?? logits
    }
}

/// How the output so far is read: C3 and B3, [n, d] each, of the n atoms that differ along the text alone.
struct SuffixModulation {
    /// Their places in the fusion bank: its DC, then the text-derived ones.
    let atoms: [Int]
    let gain: Tensor
    let bias: Tensor

    /// A word adds v / 8 through a half-open gate: peaks of 8 make the words of the last steps as loud as the image.
    private static let height: Float = 8

    init(_ scope: ParameterScope, bank: AtomBank, width: Int) {
        let own = [0] + Array(bank.visionDerived..<bank.count)
        let start = AtomLayout.recallingModulation(
            frequencies: own.map { bank.start[2][$0] }, channels: width, height: Self.height)
        atoms = own
        gain = scope.tensor("suffix_gain", own.count, width, .vector, .values(start.gain, noise: 0.02))
        bias = scope.tensor("suffix_phase_bias", own.count, width, .vector, .values(start.bias, noise: 0.02))
    }

    /// M = C3 exp(i B3), [2n, d].
    func modulation(_ tape: Tape) -> Tensor { tape.modulation(gain: gain, bias: bias, kept: Array(atoms.indices)) }
}

/// How a word reads each atom: g(h) = (h W_1) W_2 + b, complex, [n, 2K] for tokens [n, d], real parts of all atoms and
/// then imaginary ones. On the image's atoms g is the spectrum of a mask over places (signed, and before each channel's own
/// modulation), so that a word looks where it will: b is one such mask and the rank says how many more there are to mix. It
/// starts at 1 on DC and on the text's atoms, 0 on the image's others.
struct Steering {
    let down: Tensor
    let up: Tensor
    let bias: Tensor

    init(_ scope: ParameterScope, width: Int, rank: Int, bank: AtomBank) {
        down = scope.tensor("down", width, rank, .matrix, .normal(1 / Float(width).squareRoot()))
        up = scope.tensor("up", rank, 2 * bank.count, .matrix, .zeros)
        let start = (0..<2 * bank.count).map { $0 == 0 || bank.visionDerived..<bank.count ~= $0 ? Float(1) : 0 }
        bias = scope.tensor("bias", 1, 2 * bank.count, .vector, .values(start, noise: 0))
    }

    func callAsFunction(_ tape: Tape, _ h: Tensor) -> Tensor { tape.linear(tape.linear(h, down), up, bias) }
}

/// Dictionaries on image positions [V, 2K'] and text positions [T, 2K'], modulations [2K', d], and (preset `paper`)
/// pseudo-inverses [2K', V + length] over whole prefixes.
struct FusionBasis {
    let image: Tensor
    let text: Tensor
    let inverses: [Tensor]
    let modulation: Tensor
    let crossModulation: Tensor?
    /// Dictionary and modulation of the suffix's running state: [T, 2n] and [2n, d], those of all atoms or of the text's.
    let suffixText: Tensor
    let suffixModulation: Tensor
    /// In place of products with `image`, where a Fourier evaluation is used.
    let fourier: GridTransform?

    /// A copy with edited modulations, or itself where the probe edits nothing.
    ///
    /// - Parameter ofSuffix: the atoms of the suffix's state; `nil` for all that are kept.
    func edited(_ tape: Tape, _ probe: LayerProbe?, kept: [Int], ofSuffix: [Int]?) -> FusionBasis {
        guard let probe, !probe.factors.isEmpty else { return self }
        return FusionBasis(
            image: image, text: text, inverses: inverses, modulation: probe.edited(modulation, tape, kept: kept),
            crossModulation: crossModulation.map { probe.edited($0, tape, kept: kept) }, suffixText: suffixText,
            suffixModulation: probe.edited(suffixModulation, tape, kept: ofSuffix ?? kept), fourier: fourier)
    }
}
