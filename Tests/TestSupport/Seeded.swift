import SpectralKernels

/// The same numbers on every machine.
public typealias Seeded = SplitMix64
