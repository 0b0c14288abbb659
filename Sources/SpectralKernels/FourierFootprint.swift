// Which rows of a half spectrum a frequency reads and writes, and with which weights: the sparse half of a
// non-uniform transform. On the transform's own grid a footprint is a single bin of weight 1.
//
// Guarantees: `collect` and `spread` are adjoint to each other through a real transform (they pass through the same
// rows with the same weights); nothing is allocated; each row is a run over channels.

import CElementwise

/// Footprints of K frequencies on the half spectrum of a real field.
public struct FourierFootprint: Sendable {
    /// Of frequency k: rows read as they are, rows read conjugated, and rows that only `spread` writes conjugated, at
    /// bounds[3k], bounds[3k + 1], bounds[3k + 2] and bounds[3k + 3].
    private var bounds: [Int] = [0]
    private var rows: [Int] = []
    private var weights: [Float] = []
    private let shape: [Int]

    public var count: Int { bounds.count / 3 }
    /// Of the table of bins and weights.
    public var byteCount: Int { rows.count * MemoryLayout<Int>.stride + weights.count * MemoryLayout<Float>.stride }

    /// - Parameter shape: extents of the field, slowest first.
    public init(shape: [Int]) { self.shape = shape }

    /// Adds a frequency whose value is the sum of weight * F[bins], F the whole (periodic) spectrum.
    ///
    /// The half that a real transform keeps stands for the rest: F[-m] = conj F[m]. On the lines that are their own
    /// mirror (last bin 0 or n/2) both m and -m are stored, and both must be written.
    /// - Parameter terms: for each axis, bins (any integers) and weights; the footprint is their outer product.
    public mutating func add(_ terms: [[(bin: Int, weight: Double)]]) {
        let last = shape.count - 1, half = shape[last] / 2 + 1
        var direct: [(Int, Float)] = [], mirrored: [(Int, Float)] = [], echo: [(Int, Float)] = []
        func visit(_ axis: Int, _ row: Int, _ mirror: Int, _ weight: Double) {
            let n = shape[axis], stored = axis == last ? half : n
            for term in terms[axis] {
                let m = ((term.bin % n) + n) % n, minus = (n - m) % n, w = weight * term.weight
                guard axis == last else {
                    visit(axis + 1, row * stored + m, mirror * stored + minus, w)
                    continue
                }
                // Extents before the last are whole; only the last is halved.
                if m < half {
                    direct.append((row * stored + m, Float(w)))
                    if minus < half { echo.append((mirror * stored + minus, Float(w))) }
                } else {
                    mirrored.append((mirror * stored + minus, Float(w)))
                }
            }
        }
        visit(0, 0, 0, 1)
        for group in [direct, mirrored, echo] {
            rows += group.map(\.0)
            weights += group.map(\.1)
            bounds.append(rows.count)
        }
    }

    /// S_k = turn_k * (sum of weight * F) for each frequency, on one block of channels; adds to S with `keep`.
    /// - Parameters:
    ///   - spectrum: F, [rows, block.stride] complex pairs.
    ///   - turns: [K] complex pairs.
    ///   - s: [2K, d], real rows then imaginary rows.
    ///   - scratch: 4 block.stride floats.
    public func collect(
        _ spectrum: FloatBuffer, turns: FloatBuffer, into s: FloatBuffer, _ block: ChannelBlock, scratch: FloatBuffer, keep: Bool
    ) {
        let d = block.channels, b = block.stride
        precondition(s.count == 2 * count * d && turns.count == 2 * count && scratch.count >= 4 * b, "collect: sizes differ")
        let plain = scratch.pointer, conjugated = plain + 2 * b, f = spectrum.pointer, imaginary = count * d
        for k in 0..<count {
            plain.update(repeating: 0, count: 4 * b)
            for i in bounds[3 * k]..<bounds[3 * k + 1] { ce_scaled(plain, f + 2 * b * rows[i], weights[i], 1, 2 * b) }
            for i in bounds[3 * k + 1]..<bounds[3 * k + 2] {
                ce_scaled(conjugated, f + 2 * b * rows[i], weights[i], 1, 2 * b)
            }
            let re = turns.pointer[2 * k], im = turns.pointer[2 * k + 1]
            let real = s.pointer + k * d + block.first, imag = real + imaginary
            for c in 0..<block.count {
                let x = plain[2 * c] + conjugated[2 * c], y = plain[2 * c + 1] - conjugated[2 * c + 1]
                real[c] = (keep ? real[c] : 0) + re * x - im * y
                imag[c] = (keep ? imag[c] : 0) + re * y + im * x
            }
        }
    }

    /// Adds the half spectrum of the real part of sum over k of conj(turn_k) S_k at each frequency's bins, on one
    /// block of channels.
    /// - Parameters: as `collect`.
    public func spread(
        _ s: FloatBuffer, turns: FloatBuffer, into spectrum: FloatBuffer, _ block: ChannelBlock, scratch: FloatBuffer
    ) {
        let d = block.channels, b = block.stride
        precondition(s.count == 2 * count * d && turns.count == 2 * count && scratch.count >= 4 * b, "spread: sizes differ")
        let plain = scratch.pointer, conjugated = plain + 2 * b, f = spectrum.pointer, imaginary = count * d
        plain.update(repeating: 0, count: 4 * b)
        for k in 0..<count {
            let re = turns.pointer[2 * k], im = -turns.pointer[2 * k + 1]
            let real = s.pointer + k * d + block.first, imag = real + imaginary
            for c in 0..<block.count {
                let x = re * real[c] - im * imag[c], y = re * imag[c] + im * real[c]
                plain[2 * c] = x
                plain[2 * c + 1] = y
                conjugated[2 * c] = x
                conjugated[2 * c + 1] = -y
            }
            // Half the value at m and half its conjugate at -m: together the real part.
            for i in bounds[3 * k]..<bounds[3 * k + 1] { ce_scaled(f + 2 * b * rows[i], plain, weights[i] / 2, 1, 2 * b) }
            for i in bounds[3 * k + 1]..<bounds[3 * k + 3] {
                ce_scaled(f + 2 * b * rows[i], conjugated, weights[i] / 2, 1, 2 * b)
            }
        }
    }
}

/// A run of channels that is transformed together: few enough that a padded grid of them stays in cache.
public struct ChannelBlock: Sendable {
    /// All channels d of a token or spectrum row.
    public let channels: Int
    /// The block's first channel and how many it has.
    public let first: Int
    public let count: Int
    /// Channels a row of the transformed field has room for; the last block may leave some of them empty.
    public let stride: Int

    /// Blocks of equal stride over d channels.
    public static func cover(_ channels: Int, atMost limit: Int) -> [ChannelBlock] {
        let blocks = (channels + limit - 1) / limit, stride = (channels + blocks - 1) / blocks
        return Swift.stride(from: 0, to: channels, by: stride).map {
            ChannelBlock(channels: channels, first: $0, count: min(stride, channels - $0), stride: stride)
        }
    }
}

/// Where each of L tokens lies on a larger field, and the factor it is scaled by on the way there and back.
public struct FourierPadding: Sendable {
    private let rows: [Int]
    private let factors: [Float]

    public var byteCount: Int { rows.count * MemoryLayout<Int>.stride + factors.count * MemoryLayout<Float>.stride }

    /// - Parameters:
    ///   - rows: for each token its row of the field.
    ///   - factors: one for each token.
    public init(rows: [Int], factors: [Float]) {
        precondition(rows.count == factors.count, "a factor for every row")
        self.rows = rows
        self.factors = factors
    }

    /// field [rows, block.stride] = the block's channels of tokens x (from token `start` on), zero elsewhere.
    public func embed(_ x: FloatBuffer, from start: Int, into field: FloatBuffer, _ block: ChannelBlock) {
        let d = block.channels
        precondition(x.count >= (start + rows.count) * d, "embed: too few tokens")
        field.clear()
        let source = x.pointer + start * d + block.first
        for (n, row) in rows.enumerated() {
            ce_scaled(field.pointer + row * block.stride, source + n * d, factors[n], 0, block.count)
        }
    }

    /// The block's channels of tokens y = rows of the field.
    public func extract(_ field: FloatBuffer, into y: FloatBuffer, from start: Int, _ block: ChannelBlock) {
        let d = block.channels
        precondition(y.count >= (start + rows.count) * d, "extract: too few tokens")
        let target = y.pointer + start * d + block.first
        for (n, row) in rows.enumerated() {
            ce_scaled(target + n * d, field.pointer + row * block.stride, factors[n], 0, block.count)
        }
    }
}
