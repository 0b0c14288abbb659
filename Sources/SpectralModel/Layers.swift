// The parts every stack is made of: linear maps, norms, the two-layer perceptron.

import SpectralKernels

/// y = x W + b, W [inputs, outputs].
struct Linear {
    let weight: Tensor
    let bias: Tensor

    /// Weights start normal with deviation scale / sqrt(inputs), biases at zero.
    init(_ scope: ParameterScope, _ inputs: Int, _ outputs: Int, scale: Float = 1) {
        weight = scope.tensor("weight", inputs, outputs, .matrix, .normal(scale / Float(inputs).squareRoot()))
        bias = scope.tensor("bias", 1, outputs, .vector, .zeros)
    }

    func callAsFunction(_ tape: Tape, _ x: Tensor, plus residual: Tensor? = nil) -> Tensor {
        tape.linear(x, weight, bias, plus: residual)
    }

    var map: LinearMap { LinearMap(weight: weight, bias: bias) }
}

/// Layer norm over channels, and where a tape has dropout: what every mixer, perceptron and head reads is thinned there. So
/// are the image tokens as they enter fusion, through the bridge; what goes past the layers of a stack is not.
struct LayerNorm {
    let gain: Tensor
    let shift: Tensor

    init(_ scope: ParameterScope, _ width: Int) {
        gain = scope.tensor("gain", 1, width, .vector, .ones)
        shift = scope.tensor("shift", 1, width, .vector, .zeros)
    }

    func callAsFunction(_ tape: Tape, _ x: Tensor) -> Tensor {
        tape.dropped(tape.layerNorm(x, gain: gain, shift: shift))
    }
}

/// x + W_down gelu(W_up norm(x)).
struct Perceptron {
    let norm: LayerNorm
    let up: Linear
    let down: Linear

    init(_ scope: ParameterScope, width: Int, ratio: Int) {
        norm = LayerNorm(scope.scope("norm"), width)
        up = Linear(scope.scope("up"), width, ratio * width)
        down = Linear(scope.scope("down"), ratio * width, width, scale: 0.5)
    }

    func callAsFunction(_ tape: Tape, _ x: Tensor) -> Tensor {
        tape.perceptron(norm(tape, x), up: up.map, down: down.map, plus: x)
    }
}

/// A head: W_2 gelu(W_1 x), hidden width 2 d.
struct Head {
    let first: Linear
    let second: Linear

    init(_ scope: ParameterScope, width: Int, outputs: Int) {
        first = Linear(scope.scope("first"), width, 2 * width)
        second = Linear(scope.scope("second"), 2 * width, outputs, scale: 0.5)
    }

    func callAsFunction(_ tape: Tape, _ x: Tensor) -> Tensor { tape.perceptron(x, up: first.map, down: second.map) }
}
