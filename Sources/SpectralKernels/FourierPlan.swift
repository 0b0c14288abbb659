// Fast Fourier transforms through FFTW, single precision, in one to three dimensions and over many channels at once.
//
// Guarantees: one owner per pair of FFTW plans, freed in `deinit`; planning and freeing take a lock (FFTW keeps
// global tables), executing takes none; results are the same bits in every run. Unscaled: inverse(forward(x)) is x
// times the number of points. Source: FFTW 3.3 manual, "Advanced interface", "New-array execute functions" and
// "Thread safety".
//
// FFTW_ESTIMATE, not MEASURE: measuring picks its algorithm by the clock, so that rounding would differ between runs
// and a replayed session would report differences that mean nothing; and token grids are so small that it costs more
// than it returns.

import CFFTW
import Foundation

/// Why a transform cannot be planned.
public enum FourierError: Error, Equatable, CustomStringConvertible {
    /// Extents and channels as asked for.
    case shape([Int], channels: Int)
    case refused([Int], channels: Int)

    public var description: String {
        switch self {
        case .shape(let shape, let channels):
            "Fourier transform of \(shape) x \(channels) channels: expected 1 to 3 extents and a channel count of at "
                + "least 1, at most 2^28 points in all; choose a smaller grid"
        case .refused(let shape, let channels):
            "Fourier transform of \(shape) x \(channels) channels: FFTW made no plan; use the dense evaluation"
        }
    }
}

/// Forward and inverse transform of a field [shape..., channels], row-major, last extent before the channels.
///
/// Spectra are interleaved complex, [shape..., channels] pairs; those of real fields hold the half
/// 0 ... n/2 of the last extent only.
public final class FourierPlan: @unchecked Sendable {
    // Unchecked: nothing here changes after `init`, and FFTW's new-array execution may run on any thread.
    public enum Field: Sendable { case real, complex }

    public let field: Field
    public let shape: [Int]
    public let channels: Int
    /// Floats of a field and of its spectrum.
    public let fieldCount: Int
    public let spectrumCount: Int
    private let forwardPlan: fftwf_plan
    private let inversePlan: fftwf_plan

    private static let planning = NSLock()

    /// - Throws: `FourierError` for extents that are not positive or too large, or that FFTW refuses.
    public init(_ field: Field, shape: [Int], channels: Int) throws(FourierError) {
        guard (1...3).contains(shape.count), channels >= 1, shape.allSatisfy({ $0 >= 1 }) else {
            throw .shape(shape, channels: channels)
        }
        var points = channels
        for extent in shape {
            let (product, overflow) = points.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= 1 << 28 else { throw .shape(shape, channels: channels) }
            points = product
        }
        self.field = field
        self.shape = shape
        self.channels = channels
        let last = shape[shape.count - 1], half = points / last * (last / 2 + 1)
        fieldCount = field == .real ? points : 2 * points
        spectrumCount = field == .real ? 2 * half : 2 * points

        // Plans hold for every buffer of the same alignment, and all of ours are 64-byte aligned.
        let values = FloatBuffer(count: fieldCount, zeroed: false), spectrum = FloatBuffer(count: spectrumCount, zeroed: false)
        let plans = Self.planning.withLock {
            Self.plan(field, shape.map(Int32.init), Int32(channels), values, spectrum)
        }
        guard let forward = plans.forward, let inverse = plans.inverse else {
            Self.planning.withLock {
                if let forward = plans.forward { fftwf_destroy_plan(forward) }
                if let inverse = plans.inverse { fftwf_destroy_plan(inverse) }
            }
            throw .refused(shape, channels: channels)
        }
        forwardPlan = forward
        inversePlan = inverse
    }

    deinit {
        Self.planning.withLock {
            fftwf_destroy_plan(forwardPlan)
            fftwf_destroy_plan(inversePlan)
        }
    }

    private static func plan(
        _ field: Field, _ shape: [Int32], _ channels: Int32, _ values: FloatBuffer, _ spectrum: FloatBuffer
    ) -> (forward: fftwf_plan?, inverse: fftwf_plan?) {
        let rank = Int32(shape.count), flags = UInt32(FFTW_ESTIMATE)
        let x = values.pointer, complexX = complexes(values), z = complexes(spectrum)
        switch field {
        case .real:
            return (
                fftwf_plan_many_dft_r2c(rank, shape, channels, x, nil, channels, 1, z, nil, channels, 1, flags),
                fftwf_plan_many_dft_c2r(rank, shape, channels, z, nil, channels, 1, x, nil, channels, 1, flags)
            )
        case .complex:
            return (
                fftwf_plan_many_dft(
                    rank, shape, channels, complexX, nil, channels, 1, z, nil, channels, 1, FFTW_FORWARD, flags),
                fftwf_plan_many_dft(
                    rank, shape, channels, z, nil, channels, 1, complexX, nil, channels, 1, FFTW_BACKWARD, flags)
            )
        }
    }

    private static func complexes(_ buffer: FloatBuffer) -> UnsafeMutablePointer<fftwf_complex> {
        UnsafeMutableRawPointer(buffer.pointer).assumingMemoryBound(to: fftwf_complex.self)
    }

    /// spectrum[m] = sum over n of exp(-2 pi i m.n/N) field[n], for each channel; the field is kept.
    public func forward(_ values: FloatBuffer, into spectrum: FloatBuffer) {
        precondition(values.count == fieldCount && spectrum.count == spectrumCount, "forward transform: buffers of other sizes")
        switch field {
        case .real: fftwf_execute_dft_r2c(forwardPlan, values.pointer, Self.complexes(spectrum))
        case .complex: fftwf_execute_dft(forwardPlan, Self.complexes(values), Self.complexes(spectrum))
        }
    }

    /// field[n] = sum over m of exp(2 pi i m.n/N) spectrum[m], for each channel; the spectrum's contents are lost.
    public func inverse(_ spectrum: FloatBuffer, into values: FloatBuffer) {
        precondition(values.count == fieldCount && spectrum.count == spectrumCount, "inverse transform: buffers of other sizes")
        switch field {
        case .real: fftwf_execute_dft_c2r(inversePlan, Self.complexes(spectrum), values.pointer)
        case .complex: fftwf_execute_dft(inversePlan, Self.complexes(spectrum), Self.complexes(values))
        }
    }
}
