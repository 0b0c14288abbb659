// The model's numbers by name, and how they start.

import Foundation
import SpectralFormats
import SpectralKernels

/// How a parameter is initialised.
public enum Initial: Sendable {
    case zeros
    case ones
    /// Normal with this standard deviation.
    case normal(Float)
    /// These values plus normal noise.
    case values([Float], noise: Float)
}

/// How a parameter is trained.
public enum ParameterKind: Sendable {
    /// Weight decay applies.
    case matrix
    /// Biases, norms, gains: no decay.
    case vector
    /// Frequencies, amplitudes, phases: no decay and a much smaller rate.
    case atom
    /// Never changed: the frozen phase bias of the paper's ablation.
    case frozen
}

/// A named parameter, shared by every replica of the model.
public struct Parameter {
    public let name: String
    public let rows: Int
    public let columns: Int
    public let kind: ParameterKind
    public let values: FloatBuffer
}

/// All parameters of one model, in the order the model declared them.
///
/// Names mirror the type tree: `fusion.layers.0.value.weight` is `model.fusion.layers[0].value.weight`.
public final class ParameterStore {
    public private(set) var parameters: [Parameter] = []
    private var index: [String: Int] = [:]
    private let seed: UInt64?

    /// - Parameter seed: of the initial values; each parameter's depend on it and its own name only.
    public init(seed: UInt64) { self.seed = seed }

    /// A store whose values a checkpoint will fill; they start at zero.
    init() { seed = nil }

    public subscript(name: String) -> Parameter? { index[name].map { parameters[$0] } }

    /// Number of floats.
    public var count: Int { parameters.reduce(0) { $0 + $1.values.count } }

    /// The parameter of that name, made at its first declaration. Replicas declare the same shape again.
    func declare(_ name: String, rows: Int, columns: Int, kind: ParameterKind, initial: Initial) -> Parameter {
        if let known = self[name] {
            precondition(known.rows == rows && known.columns == columns, "\(name) declared twice with different shapes")
            return known
        }
        let values = FloatBuffer(count: rows * columns)
        guard let seed else { return add(name, rows: rows, columns: columns, kind: kind, values: values) }
        var random = NormalSource(seed: seed, name: name)
        values.withMutableValues { v in
            switch initial {
            case .zeros: break
            case .ones: for i in v.indices { v[i] = 1 }
            case .normal(let deviation): for i in v.indices { v[i] = deviation * random.next() }
            case .values(let start, let noise):
                precondition(start.count == v.count, "\(name): \(start.count) initial values for \(v.count)")
                for i in v.indices { v[i] = start[i] + (noise == 0 ? 0 : noise * random.next()) }
            }
        }
        return add(name, rows: rows, columns: columns, kind: kind, values: values)
    }

    private func add(_ name: String, rows: Int, columns: Int, kind: ParameterKind, values: FloatBuffer) -> Parameter {
        let made = Parameter(name: name, rows: rows, columns: columns, kind: kind, values: values)
        index[name] = parameters.count
        parameters.append(made)
        return made
    }
}

/// Standard normal deviates (Box-Muller over SplitMix64), a pure function of seed and name.
struct NormalSource {
    private var random: SplitMix64
    private var spare: Float?

    init(seed: UInt64, name: String) {
        random = SplitMix64(state: FNV1a(name.utf8).value ^ (seed &* 0x9e37_79b9_7f4a_7c15))
    }

    private mutating func uniform() -> Double { (Double(random.next() >> 11) + 0.5) * 0x1p-53 }

    mutating func next() -> Float {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * log(uniform())).squareRoot(), angle = 2 * Double.pi * uniform()
        spare = Float(radius * sin(angle))
        return Float(radius * cos(angle))
    }
}

/// One worker's view of the parameters: tensors (and so gradients) of its own over the store's shared values.
public final class Replica {
    public let store: ParameterStore
    /// In the order of `store.parameters`.
    public private(set) var tensors: [Tensor] = []
    let trainable: Bool

    init(_ store: ParameterStore, trainable: Bool) {
        self.store = store
        self.trainable = trainable
    }

    fileprivate func tensor(_ parameter: Parameter) -> Tensor {
        let made = Tensor(
            rows: parameter.rows, columns: parameter.columns, parameter.values, needsGradient: trainable)
        tensors.append(made)
        return made
    }
}

/// Hands out the tensors of one module of a replica.
public struct ParameterScope {
    let replica: Replica
    private let prefix: String

    public init(_ replica: Replica, prefix: String = "") {
        self.replica = replica
        self.prefix = prefix
    }

    public func scope(_ name: String) -> ParameterScope { ParameterScope(replica, prefix: prefix + name + ".") }

    public func tensor(_ name: String, _ rows: Int, _ columns: Int, _ kind: ParameterKind, _ initial: Initial) -> Tensor {
        replica.tensor(
            replica.store.declare(prefix + name, rows: rows, columns: columns, kind: kind, initial: initial))
    }
}
