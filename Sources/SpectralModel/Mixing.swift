// What a token mixer must do, so that the spectral operator and the attention twin fit the same blocks.

import SpectralAtoms
import SpectralKernels

/// Mixes tokens within each sequence of one modality; returns `residual + mixed`.
protocol SelfMixing {
    /// - Parameters:
    ///   - h: normalised tokens, [n, d].
    ///   - tokens: where the sequences lie and on which positions.
    ///   - k: how many vision-derived atoms to use.
    ///   - probe: edits and taps of this layer.
    func mix(
        _ tape: Tape, _ h: Tensor, residual: Tensor, tokens: TokenSequences, k: Int, probe: LayerProbe?
    ) -> Tensor
}

/// Sequences of one modality: their positions and their segments in a packed tensor.
struct TokenSequences {
    /// Identifies the positions for caches: grid size or text length.
    let grid: GridKey
    let segments: [Segment]
    /// Distinct sequence lengths and which each segment has.
    let lengths: [Int]
    let choice: [Int]
}

/// The positions a basis was made for.
struct GridKey: Hashable {
    let width: Int
    let height: Int
    /// Length of the text axis; 0 without one.
    let text: Int

    var gridPositions: Positions { .grid(width: width, height: height) }
}

/// Image tokens in fusion: one block per image until sequences have told on them, then one per sequence.
struct ImageTokens {
    /// [blocks V, d].
    var tokens: Tensor
    /// For each sequence, its block.
    let blockOf: [Int]
    let perSequence: Bool
}

/// Mixes image, prompt and suffix tokens.
///
/// The prefix (image and prompt) mixes in both directions and leaves a memory; the suffix reads the memory and its
/// own past.
protocol FusionMixing {
    /// - Parameters:
    ///   - continuing: whether later layers need the prefix tokens; if not, only the memory is computed.
    ///   - probe: edits and taps of this layer; the memory keeps them for the suffix.
    /// - Returns: residual-added tokens (`nil` unless continuing) and the layer's memory.
    func prefix(
        _ tape: Tape, image: ImageTokens, imageNorm: Tensor, prompt: Tensor, promptNorm: Tensor,
        layout: SequenceLayout, k: Int, continuing: Bool, probe: LayerProbe?
    ) -> (image: Tensor?, prompt: Tensor?, memory: LayerMemory)

    /// All suffix tokens at once: `residual + mixed`, [sum of suffixes, d].
    func suffix(_ tape: Tape, h: Tensor, residual: Tensor, memory: LayerMemory, layout: SequenceLayout, k: Int) -> Tensor

    /// The next token of each of n sequences, [n, d], at text position `t` (one for each sequence).
    func step(_ tape: Tape, h: Tensor, residual: Tensor, memory: inout LayerMemory, t: [Int], k: Int) -> Tensor
}

/// What a fusion layer keeps of everything before the next suffix token.
enum LayerMemory {
    case spectral(SpectralMemory)
    case attention(AttentionMemory)

    /// Bytes of state that decoding carries from token to token.
    var bytes: Int {
        switch self {
        case .spectral(let memory):
            // The running state has as many sequences as the prefix, and may have fewer atoms.
            (memory.prefix.count + memory.prefix.count / memory.basis.modulation.rows * memory.basis.suffixModulation.rows)
                * MemoryLayout<Float>.stride
        case .attention(let memory): (memory.keys.count + memory.values.count) * MemoryLayout<Float>.stride
        }
    }
}

/// Constant in the length of the text.
struct SpectralMemory {
    /// The prefix spectrum as suffix tokens read it, [n 2K', d].
    var prefix: Tensor
    /// The running spectrum of the suffix, on all kept atoms [n 2K', d] or on the text's; `nil` before its first token.
    var running: Tensor?
    /// What the layer computed from its weights for these positions.
    var basis: FusionBasis
    var grid: GridKey
    /// Edits and taps that go on through the suffix.
    var probe: LayerProbe?
}

/// Grows with the text.
struct AttentionMemory {
    /// Keys and values of all tokens so far, [total, d], packed by sequence.
    var keys: Tensor
    var values: Tensor
    /// Each sequence's rows of those.
    var rows: [Range<Int>]
}
