// What many images make of the atoms: spread of the energy shares, dead atoms, the images an atom carries most in.
//
// Guarantees: quartiles with linear interpolation between order statistics (Hyndman and Fan 1996, type 7); an atom is
// dead only if it stays under the stated part of an equal share in every layer on every image; n belongs to every figure.

import Foundation
import SpectralModel

/// An image and an atom's share of the energy there.
public struct ImageShare: Sendable, Codable, Equatable {
    public let image: String
    public let share: Float
}

/// How many images give an atom how much, on a logarithmic scale.
public struct ShareHistogram: Sendable, Codable, Equatable {
    public struct Bin: Sendable, Codable, Equatable {
        /// Shares from `low` up to but without `high`.
        public let low: Float
        public let high: Float
        public let count: Int
    }

    /// Width of a bin.
    public let decibels: Int
    /// Rising, without gaps.
    public let bins: [Bin]
    /// Images on which the share is under 1e-9: nothing to take a logarithm of.
    public let zeros: Int

    static let widths = [1, 2, 3, 5, 10, 15, 30, 45, 90]

    /// Bins of the least of a few widths with which there are no more than `mostBins` of them.
    public init(_ shares: [Float], mostBins: Int) {
        let decibels = shares.filter { $0 >= 1e-9 }.map { 10 * log10(Double($0)) }
        // A share of 1 belongs to the last bin, as 100% does.
        func place(_ x: Double, _ width: Int) -> Int { min(-1, Int((x / Double(width)).rounded(.down))) }
        func range(_ width: Int) -> ClosedRange<Int>? {
            guard let low = decibels.min(), let high = decibels.max() else { return nil }
            return place(low, width)...place(high, width)
        }
        let width = Self.widths.first { range($0).map { $0.count <= max(1, mostBins) } ?? true } ?? 90
        var counts: [Int: Int] = [:]
        for x in decibels { counts[place(x, width), default: 0] += 1 }
        func edge(_ i: Int) -> Float { Float(pow(10, Double(i * width) / 10)) }
        self.decibels = width
        bins = range(width)?.map { Bin(low: edge($0), high: edge($0 + 1), count: counts[$0] ?? 0) } ?? []
        zeros = shares.count - decibels.count
    }
}

/// One atom over many images.
public struct AtomUse: Sendable, Equatable, Encodable {
    public let stack: AtomStack
    public let index: Int
    /// By image: mean over layers of the atom's share of its stack's energy.
    public let shares: [Float]
    public let minimum: Float
    public let lowerQuartile: Float
    public let median: Float
    public let upperQuartile: Float
    public let maximum: Float
    public let isDead: Bool
    /// See `AtomRecord.duplicateOf`.
    public let duplicateOf: Int?
    /// In fusion, by layer: median over images of the image's part in what feeds the atom; else empty.
    public let imageParts: [Float]

    public var n: Int { shares.count }
    public var address: AtomAddress { AtomAddress(stack, atom: index) }

    enum CodingKeys: String, CodingKey {
        case stack, index, n, minimum, lowerQuartile, median, upperQuartile, maximum, isDead, duplicateOf, imageParts, histogram
    }

    /// All but the shares themselves; the histogram has at most 12 bins.
    public func encode(to encoder: any Encoder) throws {
        var file = encoder.container(keyedBy: CodingKeys.self)
        try file.encode(stack, forKey: .stack)
        try file.encode(index, forKey: .index)
        try file.encode(n, forKey: .n)
        try file.encode(minimum, forKey: .minimum)
        try file.encode(lowerQuartile, forKey: .lowerQuartile)
        try file.encode(median, forKey: .median)
        try file.encode(upperQuartile, forKey: .upperQuartile)
        try file.encode(maximum, forKey: .maximum)
        try file.encode(isDead, forKey: .isDead)
        try file.encodeIfPresent(duplicateOf, forKey: .duplicateOf)
        if !imageParts.isEmpty { try file.encode(imageParts, forKey: .imageParts) }
        try file.encode(ShareHistogram(shares, mostBins: 12), forKey: .histogram)
    }
}

/// The use of a checkpoint's vision and fusion atoms over some images.
public struct FolderUsage: Sendable, Equatable {
    /// Paths, in the order of the shares.
    public let images: [String]
    /// Vision atoms in use.
    public let k: Int
    /// Vision, then fusion, in the order of the atoms in use.
    public let atoms: [AtomUse]
    public let thresholds: AtomThresholds

    public var n: Int { images.count }

    /// What the figures mean, in one line.
    public var rule: String { Self.rule(thresholds) }

    public static func rule(_ thresholds: AtomThresholds = AtomThresholds()) -> String {
        "dead: under \(thresholds.deadPartOfEqualShare) of an equal share in every layer on every image; text atoms are left "
            + "out, for a caption's prompt is the same for every image, and atoms that keep a caption's words are not dead"
    }

    /// - Parameters:
    ///   - kept: atoms in use, in the order of the shares.
    ///   - records: of vision and fusion, for duplicates.
    public init(
        _ measured: [(path: String, usage: ImageUsage)], k: Int, kept: [AtomStack: [Int]], records: [AtomRecord],
        thresholds: AtomThresholds = AtomThresholds()
    ) {
        images = measured.map(\.path)
        self.k = k
        self.thresholds = thresholds
        let duplicates = Dictionary(
            records.map { (AtomAddress($0.stack, atom: $0.index), $0.duplicateOf) }, uniquingKeysWith: { first, _ in first })
        let wordKeepers = Set(
            records.filter { $0.layers.contains { $0.meanSuffixGain != nil } }.map { AtomAddress($0.stack, atom: $0.index) })
        atoms = [AtomStack.vision, .fusion].flatMap { stack -> [AtomUse] in
            let own = measured.compactMap { $0.usage.shares(of: stack) }, atoms = kept[stack] ?? []
            let small = thresholds.deadPartOfEqualShare / Float(max(1, atoms.count))
            return atoms.enumerated().map { row, atom in
                let shares = own.map { $0.mean[row] }, sorted = shares.sorted()
                let layers = stack == .fusion ? measured.first?.usage.imageParts.count ?? 0 : 0
                return AtomUse(
                    stack: stack, index: atom, shares: shares, minimum: sorted.first ?? 0,
                    lowerQuartile: Quantile.of(sorted, 0.25), median: Quantile.of(sorted, 0.5),
                    upperQuartile: Quantile.of(sorted, 0.75), maximum: sorted.last ?? 0,
                    isDead: !own.isEmpty && own.allSatisfy { $0.largest[row] < small }
                        && !wordKeepers.contains(AtomAddress(stack, atom: atom)),
                    duplicateOf: duplicates[AtomAddress(stack, atom: atom)] ?? nil,
                    imageParts: (0..<layers).map { layer in
                        Quantile.of(measured.map { $0.usage.imageParts[layer][row] }.sorted(), 0.5)
                    })
            }
        }
    }

    /// The images in which the atom has the largest share, largest first, equal ones by place.
    public func top(_ count: Int, of atom: AtomUse) -> [ImageShare] {
        let order = atom.shares.indices.sorted { (atom.shares[$0], $1) > (atom.shares[$1], $0) }
        return order.prefix(count).filter { images.indices.contains($0) }.map {
            ImageShare(image: images[$0], share: atom.shares[$0])
        }
    }
}
