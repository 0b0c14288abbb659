// How training images are varied: seen twice, an image is never quite the same.

import SpectralFormats

/// Random crops, mirroring and changes of colour.
public struct Augmentation: Codable, Sendable, Equatable {
    /// Least share of the area that a crop keeps, 0.05 to 1; 1 for none.
    public var crop = 1.0
    /// Whether every other image is mirrored, except where a text names a side.
    public var mirrors = false
    /// Greatest change of contrast, as a share, and of brightness and of each channel half of it; 0 for none.
    public var colour = 0.0

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        crop = try c.decodeIfPresent(Double.self, forKey: .crop) ?? crop
        mirrors = try c.decodeIfPresent(Bool.self, forKey: .mirrors) ?? mirrors
        colour = try c.decodeIfPresent(Double.self, forKey: .colour) ?? colour
    }

    /// A view of an image, `side` x `side` pixels.
    ///
    /// - Parameter maySwapSides: false where a text about it says left or right.
    func view(of image: PixelImage, side: Int, maySwapSides: Bool, using random: inout SceneRandom) -> PixelImage {
        func uniform(_ range: ClosedRange<Double>) -> Double {
            range.lowerBound + (range.upperBound - range.lowerBound) * random.unit()
        }
        var view = image
        if crop < 1 {
            // Area and shape apart, as is usual (Szegedy et al. 2015), with shapes of 4:5 to 5:4.
            let area = uniform(crop...1), shape = uniform(0.8...1.25)
            let width = min(1, (area * shape).squareRoot()), height = min(1, (area / shape).squareRoot())
            let columns = max(1, Int(Double(image.width) * width)), rows = max(1, Int(Double(image.height) * height))
            view = view.cropped(
                x: random.below(image.width - columns + 1), y: random.below(image.height - rows + 1), width: columns, height: rows)
        }
        view = view.resized(width: side, height: side)
        if mirrors, random.chance(0.5), maySwapSides { view = view.mirrored }
        guard colour > 0 else { return view }
        let contrast = 1 + uniform(-colour...colour), light = 255 * uniform(-colour...colour) / 2
        return view.recoloured((0..<3).map { _ in
            let channel = 1 + uniform(-colour...colour) / 2
            return (0..<256).map { UInt8(clamping: Int(((Double($0) * channel - 127.5) * contrast + 127.5 + light).rounded())) }
        })
    }
}
