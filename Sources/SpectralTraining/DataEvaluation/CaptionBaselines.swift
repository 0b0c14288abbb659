// What captions score without a model that sees: one caption for every image, and that of the image most alike.

import SpectralFormats

/// Captions taken from training images.
public struct CaptionBaselines: Sendable {
    /// Captions that are tried as the one for every image, and training images they are tried on, drawn by seed 0.
    public static let tried = 300, triedOn = 300
    /// Side of the pictures that are compared pixel by pixel.
    static let side = 16

    private let training: [CaptionedImage]

    /// - Parameter training: at least one.
    public init(training: [CaptionedImage]) { self.training = training }

    /// Of captions drawn from the training images, the one with the best CIDEr-D over others of those.
    public func constant() -> String {
        var random = SceneRandom(seed: 0)
        let images = random.shuffle(training), judges = images.prefix(Self.triedOn)
        let references = judges.map { $0.captions }
        let candidates = images.suffix(Self.tried).map { random.pick($0.captions) }
        let scores = CaptionScores.ciderD(ofEach: candidates, references: references)
        return candidates.indices.max { scores[$0] < scores[$1] }.map { candidates[$0] } ?? ""
    }

    /// For each image the first caption of the training image whose pixels differ least (squares, at 16 x 16).
    ///
    /// - Parameters:
    ///   - images: those to caption; `nil` for one that cannot be read, whose caption is empty.
    ///   - pictures: of the training images, in their order; `nil` likewise.
    public func nearest(to images: some Sequence<PixelImage?>, among pictures: some Sequence<PixelImage?>) -> [String] {
        let known = pictures.enumerated().compactMap { place, picture in picture.map { (place, Self.small($0)) } }
        return images.map { image in
            guard let own = image.map(Self.small) else { return "" }
            var best = (place: -1, distance: Int.max)
            for (place, other) in known {
                let distance = Self.distance(own, other, limit: best.distance)
                if distance < best.distance { best = (place, distance) }
            }
            return best.place < 0 ? "" : training[best.place].captions.first ?? ""
        }
    }

    private static func small(_ image: PixelImage) -> [UInt8] { image.resized(width: side, height: side).pixels }

    /// Sum of squares; no further than past the limit.
    private static func distance(_ a: [UInt8], _ b: [UInt8], limit: Int) -> Int {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                var sum = 0
                for row in stride(from: 0, to: a.count, by: 3 * side) where sum < limit {
                    var part: Int32 = 0
                    for i in row..<row + 3 * side {
                        let difference = Int32(a[i]) - Int32(b[i])
                        part &+= difference &* difference
                    }
                    sum += Int(part)
                }
                return sum
            }
        }
    }
}
