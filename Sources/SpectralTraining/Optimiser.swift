// AdamW with clipping by the global norm, warm-up and cosine decay, a much smaller rate for atoms, and a running
// average of the weights.

import Foundation
import SpectralKernels
import SpectralModel

/// The optimiser's settings, as they stand in a training config.
public struct OptimiserConfig: Codable, Sendable, Equatable {
    /// Peak learning rate.
    public var rate = 2e-3
    public var warmup = 200
    /// The cosine ends at this share of the peak.
    public var floor = 0.02
    public var beta1 = 0.9
    public var beta2 = 0.99
    public var decay = 0.01
    /// Largest global gradient norm.
    public var clip = 1.0
    /// Rate of frequencies, amplitudes and phases, as a share of the rest's: a step of 2e-3 cycles is a large phase
    /// error far from the origin.
    public var atomRate = 0.02
    /// Decay of the running average of the weights that is evaluated and shipped.
    public var average = 0.999

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        rate = try c.decodeIfPresent(Double.self, forKey: .rate) ?? rate
        warmup = try c.decodeIfPresent(Int.self, forKey: .warmup) ?? warmup
        floor = try c.decodeIfPresent(Double.self, forKey: .floor) ?? floor
        beta1 = try c.decodeIfPresent(Double.self, forKey: .beta1) ?? beta1
        beta2 = try c.decodeIfPresent(Double.self, forKey: .beta2) ?? beta2
        decay = try c.decodeIfPresent(Double.self, forKey: .decay) ?? decay
        clip = try c.decodeIfPresent(Double.self, forKey: .clip) ?? clip
        atomRate = try c.decodeIfPresent(Double.self, forKey: .atomRate) ?? atomRate
        average = try c.decodeIfPresent(Double.self, forKey: .average) ?? average
    }

    /// The learning rate of a 1-based step out of `steps`.
    public func rate(at step: Int, of steps: Int) -> Float {
        let rise = min(1, Double(step) / Double(max(1, warmup)))
        let progress = Double(min(step, steps)) / Double(max(1, steps))
        return Float(rate * rise * ((1 - floor) * 0.5 * (1 + cos(.pi * progress)) + floor))
    }
}

/// Moments and running average for every parameter of a store.
final class Optimiser {
    let store: ParameterStore
    private let team: ThreadTeam
    private(set) var first: [FloatBuffer]
    private(set) var second: [FloatBuffer]
    private(set) var averages: [FloatBuffer]
    /// One slot for each parameter, written by one thread each.
    private let squaredNorms: UnsafeMutableBufferPointer<Double>
    /// Updates done so far.
    var step = 0

    init(_ store: ParameterStore, _ team: ThreadTeam) {
        self.store = store
        self.team = team
        squaredNorms = .allocate(capacity: store.parameters.count)
        squaredNorms.initialize(repeating: 0)
        first = store.parameters.map { FloatBuffer(count: $0.values.count) }
        second = store.parameters.map { FloatBuffer(count: $0.values.count) }
        averages = store.parameters.map { parameter in
            let copy = FloatBuffer(count: parameter.values.count)
            copy.copy(from: parameter.values)
            return copy
        }
    }

    deinit { squaredNorms.deallocate() }

    /// Sums the replicas' gradients, clips, updates, averages and clears. Returns the norm before clipping.
    func update(_ replicas: [Replica], rate: Float, config: OptimiserConfig) -> Double {
        step += 1
        inParallel { [squaredNorms] i in
            squaredNorms[i] = 0
            guard let sum = Self.gradient(i, replicas) else { return }
            for other in replicas.compactMap({ $0.tensors[i].gradient }).dropFirst() { AdamW.add(other, times: 1, to: sum) }
            squaredNorms[i] = AdamW.squaredNorm(sum)
        }
        // In the parameters' order, whichever thread was first.
        let norm = squaredNorms.reduce(0, +).squareRoot()
        let clip = Float(norm > config.clip ? config.clip / norm : 1)
        // Early on the average would remember the random start; a rising decay forgets it.
        let average = Float(min(config.average, Double(1 + step) / Double(10 + step)))
        inParallel { [self] i in
            let parameter = store.parameters[i]
            if let sum = Self.gradient(i, replicas), parameter.kind != .frozen, norm.isFinite {
                AdamW.update(
                    parameter.values, m: first[i], v: second[i], gradient: sum, clip: clip,
                    rate: parameter.kind == .atom ? rate * Float(config.atomRate) : rate, beta1: Float(config.beta1),
                    beta2: Float(config.beta2), decay: parameter.kind == .matrix ? Float(config.decay) : 0, step: step)
            }
            AdamW.average(parameter.values, into: averages[i], decay: average)
            for replica in replicas { replica.tensors[i].clearGradient() }
        }
        return norm
    }

    /// The gradient that the others' are summed into: the first replica's that has one.
    private static func gradient(_ i: Int, _ replicas: [Replica]) -> FloatBuffer? {
        replicas.lazy.compactMap { $0.tensors[i].gradient }.first
    }

    /// Calls `body` with every parameter's index, on all threads; no two calls share a parameter.
    private func inParallel(_ body: @escaping (Int) -> Void) {
        // Neighbours differ much in size, those a step apart do not.
        team.run { [store, team] thread in for i in stride(from: thread, to: store.parameters.count, by: team.count) { body(i) } }
    }

    /// Exchanges the weights with their averages; called twice, nothing has changed.
    func swapAverages() {
        inParallel { [self] i in
            store.parameters[i].values.withMutableValues { weights in
                averages[i].withMutableValues { averages in
                    for j in weights.indices { (weights[j], averages[j]) = (averages[j], weights[j]) }
                }
            }
        }
    }

    /// Puts a parameter at new values, with moments of zero.
    func restart(_ name: String, at values: [Float]) {
        guard let i = store.parameters.firstIndex(where: { $0.name == name }) else { return }
        store.parameters[i].values.copy(from: FloatBuffer(values))
        averages[i].copy(from: store.parameters[i].values)
        first[i].clear()
        second[i].clear()
    }
}
