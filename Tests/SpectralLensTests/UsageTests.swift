// Use over images, coherence and raster marks against naive double loops on a checkpoint small enough for them.

import Foundation
import SpectralFormats
@testable import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct UsageTests {
    private static func image(_ seed: UInt32, side: Int = 16) -> PixelImage {
        var state = seed
        let pixels = (0..<side * side * 3).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        return PixelImage(width: side, height: side, pixels: pixels)
    }

    /// Energies by their definition from what was tapped, in double: a_k^2 sum over channels of |S'_kc|^2.
    private func shares(_ model: LoadedModel, _ taps: Taps, _ stack: AtomStack, layer: Int, kept: [Int]) throws -> [Double] {
        let spectrum = try #require(taps[stack, layer, stack == .fusion ? .crossModulated : .modulated]), d = spectrum.columns
        let amplitude = model.matrix("\(stack.rawValue).layers.\(layer).mixer.atoms.log_amplitude")[0].map { exp($0) }
        let energies = kept.indices.map { j in
            var sum = 0.0
            for c in 0..<d {
                let re = Double(spectrum.values[j * d + c]), im = Double(spectrum.values[(kept.count + j) * d + c])
                sum += re * re + im * im
            }
            return amplitude[kept[j]] * amplitude[kept[j]] * sum
        }
        let whole = energies.reduce(0, +)
        return energies.map { $0 / whole }
    }

    @Test(arguments: [7, 4]) func sharesEqualTheNaiveLoop(k: Int) throws {
        let model = try TinyCheckpoint().load()
        for seed: UInt32 in [1, 2] {
            let image = Self.image(seed), usage = try #require(try model.usage(of: image, k: k))
            let taps = Taps(), seen = model.see(image, k: k, probe: Probe(taps: taps))
            _ = model.prefix(seen, task: .caption, prompt: "", probe: Probe(taps: taps))
            for stack in [AtomStack.vision, .fusion] {
                let kept = stack == .vision ? Array(0..<k) : Array(0..<k) + Array(7..<9)
                #expect(model.model.keptAtoms(of: stack, k: k) == kept)
                let layers = try (0..<2).map { try shares(model, taps, stack, layer: $0, kept: kept) }
                let own = try #require(usage.shares(of: stack))
                for j in kept.indices {
                    #expect(abs(Double(own.mean[j]) - (layers[0][j] + layers[1][j]) / 2) < 1e-6, "\(stack) \(j)")
                    #expect(abs(Double(own.largest[j]) - max(layers[0][j], layers[1][j])) < 1e-6)
                }
                #expect(abs(own.mean.reduce(0, +) - 1) < 1e-5)
            }
            #expect(usage.shares(of: .text) == nil)
        }
    }

    /// |sum_n conj(phi_k(n)) u_n|^2 over the image's tokens and over the prompt's, by loops over tokens.
    private func feeds(_ model: LoadedModel, _ image: TappedMatrix, _ words: TappedMatrix, layer: Int, atom: Int) -> (image: Double, text: Double) {
        let w = model.matrix("fusion.frequencies"), theta = model.matrix("fusion.layers.\(layer).mixer.atoms.phase")[0][atom]
        func energy(_ values: TappedMatrix, _ place: (Int) -> (Double, Double, Double)) -> Double {
            var sum = 0.0
            for c in 0..<values.columns {
                var re = 0.0, im = 0.0
                for n in 0..<values.rows {
                    let p = place(n)
                    let psi = 2 * Double.pi * (w[0][atom] * p.0 + w[1][atom] * p.1 + w[2][atom] * p.2) + theta
                    re += cos(psi) * Double(values.values[n * values.columns + c])
                    im -= sin(psi) * Double(values.values[n * values.columns + c])
                }
                sum += re * re + im * im
            }
            return sum
        }
        return (energy(image) { (Double($0 % 8), Double($0 / 8), 0) }, energy(words) { (3.5, 3.5, Double($0)) })
    }

    @Test func imageAndTextPartsEqualTheNaiveLoopAndSumToOne() throws {
        let model = try TinyCheckpoint().load(), image = Self.image(3), usage = try #require(try model.usage(of: image))
        let taps = Taps(), seen = model.see(image, probe: Probe(taps: taps))
        _ = model.prefix(seen, task: .caption, prompt: "", probe: Probe(taps: taps))
        #expect(usage.imageParts.count == 2 && usage.imageParts.allSatisfy { $0.count == 9 })
        for layer in 0..<2 {
            let images = try #require(taps[.fusion, layer, .imageValues]), words = try #require(taps[.fusion, layer, .promptValues])
            for atom in 0..<9 {
                let own = feeds(model, images, words, layer: layer, atom: atom), whole = own.image + own.text
                #expect(abs(Double(usage.imageParts[layer][atom]) - own.image / whole) < 1e-5, "layer \(layer), atom \(atom)")
                #expect(abs(Double(usage.imageParts[layer][atom]) + own.text / whole - 1) < 1e-5)
            }
        }
    }

    /// What feeds an atom is all image where the words add nothing, and all words where the image does not.
    @Test(arguments: [(TapKind.promptValues, Float(1)), (.imageValues, 0)])
    func aModalityOfZerosFeedsNothing(silent: TapKind, expected: Float) throws {
        let model = try TinyCheckpoint().load()
        let trace = try AnswerProbe(model, model.see(testImage()), task: .vqa, prompt: "what is it").trace(.answer(0))
        var matrices = trace.matrices
        for layer in 0..<2 {
            let point = TapPoint(.fusion, layer: layer, silent), old = try #require(matrices[point])
            matrices[point] = TappedMatrix(rows: old.rows, columns: old.columns, values: old.values.map { _ in 0 })
        }
        let muted = AnswerTrace(
            k: trace.k, gridWidth: trace.gridWidth, gridHeight: trace.gridHeight, longestPrompt: trace.longestPrompt, words: trace.words,
            output: trace.output, score: trace.score, edits: trace.edits, atoms: trace.atoms, kept: trace.kept, matrices: matrices)
        let atoms = try #require(muted.atoms[.fusion])
        for layer in 0..<2 {
            let parts = try #require(AtomTable.imageParts(muted, atoms, layer: layer))
            #expect(parts == [Float](repeating: expected, count: 9))
        }
    }

    @Test func theTwinHasNoUse() throws {
        let model = try TinyCheckpoint(.attention).load()
        #expect(throws: LensError.self) { try model.usage(of: testImage()) }
        #expect(model.coherence(of: .vision) == nil)
    }

    // MARK: Many images

    private func usage(_ shares: [[Float]], largest: [[Float]]? = nil) -> [(path: String, usage: ImageUsage)] {
        shares.enumerated().map { i, mean in
            let own = EnergyShares(mean: mean, largest: largest?[i] ?? mean)
            return ("image\(i)", ImageUsage(vision: own, fusion: EnergyShares(mean: [1], largest: [1]), imageParts: [[Float(i) / 4]]))
        }
    }

    @Test func spreadDeadAndTop() throws {
        let measured = usage([[0.5, 0.5, 0], [0.7, 0.2995, 0.0005], [0.6, 0.4, 0], [0.9, 0.1, 0]])
        let folder = FolderUsage(measured, k: 3, kept: [.vision: [0, 2, 5], .fusion: [4]], records: [])
        #expect(folder.n == 4 && folder.atoms.map { "\($0.address)" } == ["vision/0", "vision/2", "vision/5", "fusion/4"])
        let first = folder.atoms[0]
        // 0.5 0.6 0.7 0.9: type 7 quartiles stand 3/4 of the way from the first, half way, and 1/4 of the way to the last.
        #expect(abs(first.lowerQuartile - 0.575) < 1e-6 && abs(first.median - 0.65) < 1e-6 && abs(first.upperQuartile - 0.75) < 1e-6)
        #expect(first.minimum == 0.5 && first.maximum == 0.9 && first.n == 4)
        #expect(folder.top(2, of: first) == [ImageShare(image: "image3", share: 0.9), ImageShare(image: "image1", share: 0.7)])
        #expect(folder.top(9, of: folder.atoms[2]).map(\.image) == ["image1", "image0", "image2", "image3"], "equal ones by place")
        // An equal share is 1/3, a hundredth of it 0.0033.
        #expect(folder.atoms.map(\.isDead) == [false, false, true, false])
        #expect(folder.atoms[3].imageParts == [0.375] && folder.atoms[0].imageParts.isEmpty)
        // One layer of one image suffices to be alive.
        let once = FolderUsage(
            usage([[0.9, 0.1, 0], [0.9, 0.1, 0]], largest: [[0.9, 0.1, 0], [0.9, 0.1, 0.004]]), k: 3, kept: [.vision: [0, 2, 5], .fusion: [4]],
            records: [])
        #expect(once.atoms[2].isDead == false)
        let none = FolderUsage([], k: 3, kept: [.vision: [0], .fusion: []], records: [])
        #expect(none.n == 0 && none.atoms[0].isDead == false)
    }

    @Test(arguments: [1, 2, 5, 12, 40]) func histogramsCountEveryImageOnce(mostBins: Int) {
        var state: UInt64 = 9
        let shares = (0..<500).map { i -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return i % 50 == 0 ? 0 : i % 49 == 0 ? 1 : Float(pow(10, -6 * Double(state >> 11) / Double(1 << 53)))
        }
        let histogram = ShareHistogram(shares, mostBins: mostBins)
        #expect(histogram.bins.count <= mostBins && histogram.zeros == 10)
        #expect(histogram.bins.reduce(histogram.zeros) { $0 + $1.count } == 500)
        for (i, bin) in histogram.bins.enumerated() {
            let isLast = i == histogram.bins.count - 1
            // A share on an edge may fall to either side by rounding; none of these does but 1, which the last bin takes.
            #expect(bin.count == shares.count { $0 >= bin.low && ($0 < bin.high || isLast && $0 == 1) }, "bin \(i)")
            if i > 0 { #expect(bin.low == histogram.bins[i - 1].high) }
        }
        #expect(ShareHistogram([], mostBins: 4).bins.isEmpty && ShareHistogram([0, 0], mostBins: 4).zeros == 2)
    }

    // MARK: Coherence

    /// The dense product Phi^H Phi over tokens one by one, with amplitudes and phases, which must not matter.
    @Test(arguments: AtomStack.allCases) func coherenceEqualsTheDenseProduct(stack: AtomStack) throws {
        let model = try TinyCheckpoint().load(), coherence = try #require(model.coherence(of: stack))
        let w = model.matrix("\(stack.rawValue).frequencies"), layer = "\(stack.rawValue).layers.0.mixer.atoms"
        let amplitude = model.matrix(layer + ".log_amplitude")[0].map { exp($0) }, theta = model.matrix(layer + ".phase")[0]
        let plane = (0..<64).map { [Double($0 % 8), Double($0 / 8), 0] }, line = (0..<16).map { [3.5, 3.5, Double($0)] }
        let tokens = switch stack {
        case .vision: plane.map { Array($0.prefix(2)) }
        case .text: (0..<16).map { [Double($0)] }
        case .fusion: plane + line
        }
        let n = w[0].count
        func atom(_ k: Int) -> [(Double, Double)] {
            tokens.map { p in
                let psi = 2 * Double.pi * zip(w, p).reduce(0) { $0 + $1.0[k] * $1.1 } + theta[k]
                return (amplitude[k] * cos(psi), amplitude[k] * sin(psi))
            }
        }
        let atoms = (0..<n).map(atom)
        func product(_ k: Int, _ l: Int) -> Double {
            var re = 0.0, im = 0.0
            for (a, b) in zip(atoms[k], atoms[l]) {
                re += a.0 * b.0 + a.1 * b.1
                im += a.0 * b.1 - a.1 * b.0
            }
            return (re * re + im * im).squareRoot()
        }
        #expect(coherence.matrix.rows == n && coherence.matrix.columns == n)
        var worst = (0, 0, -1.0)
        for k in 0..<n {
            for l in 0..<n {
                let expected = product(k, l) / (product(k, k) * product(l, l)).squareRoot()
                #expect(abs(Double(coherence.matrix[k, l]) - expected) < 1e-6, "\(k), \(l)")
                if k < l, expected > worst.2 { worst = (k, l, expected) }
            }
        }
        let first = try #require(coherence.pairs.first)
        #expect((first.first, first.second) == (worst.0, worst.1))
        #expect(coherence.pairs.map(\.coherence) == coherence.pairs.map(\.coherence).sorted(by: >))
        #expect(coherence.nearest(to: worst.0) == worst.1 && coherence.nearest(to: n) == nil)
    }

    // MARK: Raster

    @Test func rasterMarksLieWithinHalfABin() {
        let rule = AtomThresholds(), grid = (width: 8, height: 4, text: 32)
        func axes(_ w: [Float], _ stack: AtomStack = .vision) -> [String] { rule.rasterAxes(w, stack, grid: grid) }
        // Half a bin is 1/16 across, 1/8 down, 1/64 along the text.
        #expect(axes([0.4375, 0]) == ["u"] && axes([0.43, 0]) == [] && axes([-0.5, 0]) == ["u"] && axes([0.56, 0]) == ["u"])
        #expect(axes([0, 0.375]) == ["v"] && axes([0, 0.37]) == [] && axes([0.5, 0.5]) == ["u", "v"])
        #expect(axes([0.125], .text) == ["t"] && axes([-0.14], .text) == ["t"] && axes([0.141], .text) == [] && axes([0.5], .text) == [])
        #expect(axes([0.5, 0, 0.125], .fusion) == ["u", "t"] && axes([0.125, 0.125, 0], .fusion) == [])
    }
}
