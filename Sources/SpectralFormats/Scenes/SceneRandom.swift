import SpectralKernels

/// A small seeded generator (xoshiro256**, seeded through SplitMix64) whose sequence is the same on every machine.
///
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021).
public struct SceneRandom: RandomNumberGenerator, Sendable {
    /// What a sequence is for; each purpose of one scene has its own, so that asking questions never changes the pixels.
    public enum Purpose: UInt64, Sendable {
        case layout = 1
        case noise, questions, grounding
    }

    private var a, b, c, d: UInt64

    public init(seed: UInt64) {
        var seeds = SplitMix64(state: seed)
        (a, b, c, d) = (seeds.next(), seeds.next(), seeds.next(), seeds.next())
    }

    /// The sequence of one scene for one purpose: a pure function of its arguments.
    public init(split: SceneSplit, seed: UInt64, index: Int, purpose: Purpose) {
        self.init(seed: Self.key(split: split, seed: seed, index: index, purpose: purpose))
    }

    /// Hashes the coordinates of a scene to 64 bits, one SplitMix64 step per coordinate.
    static func key(split: SceneSplit, seed: UInt64, index: Int, purpose: Purpose) -> UInt64 {
        func hash(_ key: UInt64) -> UInt64 {
            var step = SplitMix64(state: key)
            return step.next()
        }
        let scene = hash(hash(split.number) ^ seed) ^ UInt64(bitPattern: Int64(index))
        return hash(hash(scene) ^ purpose.rawValue)
    }

    public mutating func next() -> UInt64 {
        let scrambled = b &* 5
        let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d << 45) | (d >> 19)
        return result
    }

    /// A whole number in `0 ..< bound`; `bound` must be positive. The bias is below `bound / 2^64`.
    public mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number in `0 ..< 1`.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// True with the given probability.
    public mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// One element of a list that is not empty.
    public mutating func pick<Element>(_ list: [Element]) -> Element {
        list[below(list.count)]
    }

    /// The list in random order (Fisher and Yates). The standard library may change its own order between releases.
    public mutating func shuffle<Element>(_ list: [Element]) -> [Element] {
        var shuffled = list
        for last in stride(from: shuffled.count - 1, to: 0, by: -1) { shuffled.swapAt(last, below(last + 1)) }
        return shuffled
    }

    /// One case of an attribute.
    public mutating func pick<Attribute: SceneAttribute>(_ attribute: Attribute.Type) -> Attribute {
        Attribute.all[below(Attribute.all.count)]
    }

    /// A case of an attribute other than `taken`.
    public mutating func pick<Attribute: SceneAttribute>(otherThan taken: Attribute) -> Attribute {
        let drawn = below(Attribute.all.count - 1)
        return Attribute.all[drawn < taken.number ? drawn : drawn + 1]
    }

    /// Pixel noise with mean 0 and standard deviation exactly 4: the number of ones among 64 fair bits is
    /// binomial, with variance 64 / 4 = 16, and at 64 bits it is a Gaussian to within the width of a grey level.
    @inline(__always)
    mutating func noiseOfSigmaFour() -> Int {
        next().nonzeroBitCount &- 32
    }
}
