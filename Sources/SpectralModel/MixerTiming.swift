// Times and memory of mixers over growing numbers of tokens, within a budget.
//
// Time is processor time of the one thread that does all the work: other programs on the machine disturb it least, and on
// a machine that does nothing else it is what a clock on the wall shows. Both are written down.

import Foundation
import SpectralKernels

/// One mixer at one number of tokens.
public struct MixerPoint: Codable, Sendable, Equatable {
    public let mixer: String
    /// Vision atoms; `nil` for the twin.
    public let k: Int?
    public let tokens: Int
    /// Median processor time of one run; `nil` where the point was left out.
    public let milliseconds: Double?
    /// Median time on the wall of the same runs.
    public let wallMilliseconds: Double?
    /// Timed runs.
    public let runs: Int
    /// Most bytes held at once, without what comes in and what is made once for weights and grid.
    public let peakBytes: Int?
    /// Bytes made once for weights and grid.
    public let basisBytes: Int?
    /// Of a step: bytes carried from token to token.
    public let stateBytes: Int?
    /// Why the point was left out.
    public let skipped: String?
}

/// How time or memory grows with the number of tokens.
public struct MixerGrowth: Codable, Sendable, Equatable {
    public let mixer: String
    public let k: Int?
    /// x of time ~ L^x, fitted by least squares to the logarithms of the last points.
    public let timeExponent: Double
    public let memoryExponent: Double
    /// The tokens of those points.
    public let over: [Int]
}

/// What may be spent on one point.
public struct MixerBudget: Sendable {
    /// Seconds; a point whose first run is expected to take longer is left out.
    public var seconds: Double
    /// Bytes; a point that needs more is left out.
    public var bytes: Int
    /// Timed runs at most; fewer where they would take longer than `seconds`.
    public var runs: Int

    public init(seconds: Double, bytes: Int, runs: Int) {
        self.seconds = seconds
        self.bytes = bytes
        self.runs = runs
    }
}

extension MixerBenchmark {
    /// Measures one mixer on square grids, rising.
    ///
    /// - Parameters:
    ///   - sides: of the grids; L is the square of each.
    ///   - report: told of every point as it is done.
    public func measure(
        _ mixer: MixerCase, sides: [Int], budget: MixerBudget, report: (MixerPoint) -> Void = { _ in }
    ) -> [MixerPoint] {
        useOneThreadForProducts()
        var last: MixerPoint?
        return sides.sorted().map { side in
            let point = measure(mixer, side: side, budget: budget, after: last)
            if point.milliseconds != nil { last = point }
            report(point)
            return point
        }
    }

    private func measure(_ mixer: MixerCase, side: Int, budget: MixerBudget, after last: MixerPoint?) -> MixerPoint {
        let tokens = side * side
        func skipped(_ reason: String) -> MixerPoint {
            MixerPoint(
                mixer: mixer.name, k: mixer.k, tokens: tokens, milliseconds: nil, wallMilliseconds: nil, runs: 0, peakBytes: nil,
                basisBytes: nil, stateBytes: nil, skipped: reason)
        }
        let bytes = leastBytes(mixer, tokens: tokens)
        guard bytes <= budget.bytes else { return skipped("needs \(bytes >> 20) MiB, over \(budget.bytes >> 20)") }
        if let last, let milliseconds = last.milliseconds {
            let expected = milliseconds / 1e3 * pow(Double(tokens) / Double(last.tokens), mixer.expectedExponent)
            guard expected <= budget.seconds else {
                return skipped(String(format: "would take %.0f s, over %.0f", expected, budget.seconds))
            }
        }
        let prepared: PreparedMixer
        do { prepared = try prepare(mixer, side: side) } catch { return skipped("\(error)") }
        let pool = BufferPool()
        // The first run fills the pool and the caches, and says how long the others may be expected to take.
        let first = Self.time { prepared.run(pool) }
        var times = [first]
        if first.wall < budget.seconds / 4 {
            // A clock is read no more often than every two milliseconds or so.
            let repeats = max(1, Int((0.002 / max(first.wall, 1e-6)).rounded(.up)))
            let runs = max(1, min(budget.runs, Int(budget.seconds / max(first.wall * Double(repeats), 1e-9))))
            times = (0..<runs).map { _ in
                let all = Self.time { for _ in 0..<repeats { prepared.run(pool) } }
                return (all.processor / Double(repeats), all.wall / Double(repeats))
            }
        }
        return MixerPoint(
            mixer: mixer.name, k: mixer.k, tokens: tokens, milliseconds: 1e3 * Quantile.median(times.map(\.processor)),
            wallMilliseconds: 1e3 * Quantile.median(times.map(\.wall)), runs: times.count,
            peakBytes: pool.peakBytes + prepared.scratchBytes, basisBytes: prepared.basisBytes, stateBytes: prepared.stateBytes,
            skipped: nil)
    }

    /// Seconds.
    private static func time(_ body: () -> Void) -> (processor: Double, wall: Double) {
        func processor() -> Double {
            var now = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
            return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
        }
        let start = ContinuousClock.now, before = processor()
        body()
        return (processor() - before, (ContinuousClock.now - start) / .seconds(1))
    }
}

extension MixerGrowth {
    /// Fits the last measured points of one series; `nil` with fewer than two.
    ///
    /// - Parameter count: how many of them.
    public init?(_ points: [MixerPoint], last count: Int = 3) {
        let known = points.filter { ($0.milliseconds ?? 0) > 0 && ($0.peakBytes ?? 0) > 0 }.suffix(count)
        guard let first = known.first, known.count >= 2 else { return nil }
        func slope(_ value: (MixerPoint) -> Double) -> Double {
            let x = known.map { log(Double($0.tokens)) }, y = known.map { log(value($0)) }, n = Double(x.count)
            let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
            let across = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
            return across / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
        }
        mixer = first.mixer
        k = first.k
        timeExponent = slope { $0.milliseconds ?? 0 }
        memoryExponent = slope { Double($0.peakBytes ?? 0) }
        over = known.map(\.tokens)
    }
}
