// An image spoilt on purpose, to learn whether an output needs it.

import SpectralFormats
import SpectralKernels

/// What is done to an image before the vision stack.
public enum ImageAlteration: Sendable, Hashable {
    /// Mid-grey everywhere.
    case blank
    /// The same patches in another order, which depends on the seed and the number of patches alone.
    case shuffled(seed: UInt64)
}

extension LoadedModel {
    /// Runs the vision stack on an altered copy of an image already cut into patches.
    public func see(_ image: SeenImage, altered: ImageAlteration, probe: Probe? = nil) -> SeenImage {
        let count = image.patches.rows, width = image.patches.columns
        let patches: Tensor
        switch altered {
        case .blank: patches = Tensor(rows: count, columns: width, [Float](repeating: 0, count: count * width))
        case .shuffled(let seed):
            let values = image.patches.values.array
            patches = Tensor(
                rows: count, columns: width,
                Self.patchOrder(count, seed: seed).flatMap { values[$0 * width..<($0 + 1) * width] })
        }
        return see(patches: patches, gridWidth: image.gridWidth, gridHeight: image.gridHeight, k: image.k, probe: probe)
    }

    /// Which patch stands at each place of a shuffled image.
    static func patchOrder(_ count: Int, seed: UInt64) -> [Int] {
        var random = SceneRandom(seed: seed)
        return random.shuffle(Array(0..<count))
    }
}
