// Spectra, footprints and tables against naive sums.

import Foundation
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct AtomTests {
    @Test func spectrumEqualsTheNaiveSum() throws {
        let field: [Float] = (0..<15).map { sin(Float($0 * $0)) }
        let (rows, columns, height, width) = (3, 5, 6, 10)
        let spectrum = try FieldSpectrum.magnitudes(field, rows: rows, columns: columns, height: height, width: width)
        for v in 0..<height {
            for u in 0..<width {
                var re = 0.0, im = 0.0
                for y in 0..<rows {
                    for x in 0..<columns {
                        let window = 0.25 * (1 - cos(2 * .pi * (Double(x) + 0.5) / 5)) * (1 - cos(2 * .pi * (Double(y) + 0.5) / 3))
                        let turn = Double((v - 3) * y) / Double(height) + Double((u - 5) * x) / Double(width)
                        re += window * Double(field[y * columns + x]) * cos(2 * .pi * turn)
                        im -= window * Double(field[y * columns + x]) * sin(2 * .pi * turn)
                    }
                }
                #expect(abs(Double(spectrum[v * width + u]) - (re * re + im * im).squareRoot()) < 1e-5, "bin \(v), \(u)")
            }
        }
    }

    /// Atoms on the grid peak at their own bin or, which is the same for a real field, at its mirror.
    @Test(arguments: [(0, 0, 0), (1, 16, 0), (2, 0, 16), (3, 16, 16), (4, 24, -16)])
    func aGridAtomPeaksAtItsBin(atom: Int, u: Int, v: Int) throws {
        let detail = try TinyCheckpoint().load().detail(of: .vision, atom: atom)
        let spectrum = try #require(detail.fieldSpectrum)
        #expect(spectrum.rows == 64 && spectrum.columns == 64)
        let peak = spectrum.peak, found = (peak.column - 32, peak.row - 32)
        #expect(found == (u, v) || found == (-u, -v), "peak at \(found)")
        #expect(spectrum.columnLabels[32] == "0.000" && spectrum.columnLabels[48] == "0.250")
        for y in 1..<64 {
            for x in 1..<64 {
                #expect(abs(spectrum[y, x] - spectrum[64 - y, 64 - x]) < 0.1)
            }
        }
        #expect(spectrum.values.allSatisfy { $0 >= -60 && $0 <= 0 } && spectrum.values.contains(0))
        #expect(detail.line == nil && detail.lineSpectrum == nil)
    }

    /// No image moves the atom more than its footprint does: response energy over image energy.
    @Test func theFootprintMovesTheAtomMost() throws {
        let model = try TinyCheckpoint().load(), atom = 4
        let footprint = try #require(try model.detail(of: .vision, atom: atom).footprint)
        #expect(footprint.width == 16 && footprint.height == 16)
        #expect(abs(footprint.values.map { abs($0) }.max()! - 1) < 1e-6)
        #expect(footprint.image.pixels.count == 16 * 16 * 3)

        let embedding = model.matrix("patch.weight"), norm = model.matrix("vision.layers.0.norm.gain")[0]
        let value = model.matrix("vision.layers.0.mixer.value.weight"), gain = model.matrix("vision.layers.0.mixer.atoms.gain")[atom]
        let w = model.matrix("vision.frequencies"), theta = model.matrix("vision.layers.0.mixer.atoms.phase")[0][atom]
        func response(_ image: [Double]) -> Double {
            var re = [Double](repeating: 0, count: 16), im = re
            for n in 0..<64 {
                var h = [Double](repeating: 0, count: 16)
                for j in 0..<12 {
                    let pixel = ((n / 8 * 2 + j / 6) * 16 + n % 8 * 2) * 3 + j % 6
                    for c in 0..<16 { h[c] += image[pixel] * embedding[j][c] }
                }
                let mean = h.reduce(0, +) / 16
                let psi = 2 * Double.pi * (w[0][atom] * Double(n % 8) + w[1][atom] * Double(n / 8)) + theta
                for c in 0..<16 {
                    let v = (0..<16).reduce(0) { $0 + (h[$1] - mean) * norm[$1] * value[$1][c] }
                    re[c] += v * gain[c] * cos(psi)
                    im[c] -= v * gain[c] * sin(psi)
                }
            }
            let energy = zip(re, im).reduce(0) { $0 + $1.0 * $1.0 + $1.1 * $1.1 }
            return energy / image.reduce(0) { $0 + $1 * $1 }
        }
        let best = response(footprint.values.map(Double.init))
        var state: UInt64 = 3
        for trial in 0..<40 {
            let noise = (0..<768).map { _ -> Double in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Double(state >> 11) / Double(1 << 53) - 0.5
            }
            // Anything at all, then the footprint itself pushed a little in any direction.
            let image = trial < 20 ? noise : zip(footprint.values, noise).map { Double($0) + 0.05 * $1 }
            #expect(response(image) < best)
        }
    }

    @Test func spectraOfFootprintsKeepTheirFloor() throws {
        let model = try TinyCheckpoint().load()
        for atom in 0..<7 {
            for layer in 0..<2 {
                let spectrum = try #require(try model.detail(of: .vision, atom: atom, layer: layer).footprintSpectrum)
                #expect(spectrum.rows == 32 && spectrum.low == -60)
                #expect(spectrum.values.allSatisfy { $0.isFinite && $0 >= -60 && $0 <= 0 } && spectrum.values.contains(0))
            }
        }
        #expect(FieldSpectrum.decibels([0, 0]) == [-60, -60])
        #expect(FieldSpectrum.decibels([1, 10, 1e-9]) == [-20, 0, -60])
    }

    @Test func aTextAtomIsALine() throws {
        let model = try TinyCheckpoint().load()
        let detail = try model.detail(of: .text, atom: 1), spectrum = try #require(detail.lineSpectrum)
        // Padded to 64, so a quarter cycle per token is bin 16.
        #expect(spectrum.columns == 33 && spectrum.peak.column == 16)
        #expect(spectrum.columnLabels[0] == "DC" && spectrum.columnLabels[16] == "4.000" && spectrum.columnLabels[32] == "2.000")
        #expect(detail.field == nil && detail.footprint == nil)
        let fusion = try model.detail(of: .fusion, atom: 8, layer: 1)
        #expect(fusion.field != nil && fusion.line != nil && fusion.footprint == nil)
        for (atom, layer) in [(9, 0), (-1, 0), (0, 2)] {
            #expect(throws: LensError.self) { try model.detail(of: .fusion, atom: atom, layer: layer) }
        }
    }

    /// A fifth of a bin apart along the text, the second on the far side of zero. On text alone they are alike by 0.94, on
    /// image and text together, where the image plane cannot tell them apart, by 0.96: so many tokens are the same.
    @Test func fusionAtomsAreDuplicatesByWhatImageAndTextTell() throws {
        let checkpoint = try TinyCheckpoint(), f = 0.2, g = -(f + 0.2 / 16)
        checkpoint.set("fusion.frequencies", row: 0, [0, 0.25, 0, 0.25, 0.375, 0.5, 0.125, 0, 0])
        checkpoint.set("fusion.frequencies", row: 1, [0, 0, 0.25, 0.25, -0.25, 0.125, 0.375, 0, 0])
        checkpoint.set("fusion.frequencies", row: 2, [0, 0, 0, 0, 0, 0, 0, Float(f), Float(g)])
        let sum = (0..<80).reduce(into: (re: 0.0, im: 0.0)) { sum, n in
            let psi = n < 64 ? 0 : 2 * Double.pi * (f + g) * Double(n - 64)
            sum = (sum.re + cos(psi) / 80, sum.im + sin(psi) / 80)
        }
        #expect(abs((sum.re * sum.re + sum.im * sum.im).squareRoot() - 0.961) < 1e-3)
        let records = try #require(checkpoint.load().atomTable(.fusion)).records
        #expect(records.map(\.duplicateOf) == [Int?](repeating: nil, count: 7) + [8, 7])
    }

    @Test func recordsTellWhatAtomsAre() throws {
        let checkpoint = try TinyCheckpoint()
        for layer in 0..<2 {
            checkpoint.set("vision.layers.\(layer).mixer.atoms.gain", row: 3, [Float](repeating: 0, count: 16))
        }
        let model = try checkpoint.load()
        let bare = try #require(model.atomTable(.vision)).records
        #expect(bare.count == 7 && bare.allSatisfy { $0.energyShare == nil && $0.isDead == nil && $0.layers.count == 2 })
        #expect(bare[0].period == nil && bare[1].period == 4 && bare[1].direction == 0 && bare[2].direction == 90)
        #expect(bare[3].meanGain == 0 && bare[1].meanGain > 0)
        #expect(bare[5].isNearNyquist && !bare[1].isNearNyquist)
        // 1 and 6 differ by 0.002 cycles; nothing else is near anything.
        #expect(bare.map(\.duplicateOf) == [nil, 6, nil, nil, nil, nil, 1])
        #expect(bare[1].status == "duplicate of 6" && bare[5].status == "near Nyquist, raster u")

        let trace = try AnswerProbe(model, model.see(testImage(), k: 5), task: .vqa, prompt: "what is it").trace(.answer(0))
        for stack in AtomStack.allCases {
            let records = try #require(trace.table(stack)).records
            let sum = records.compactMap(\.energyShare).reduce(0, +)
            #expect(abs(sum - 1) < 1e-5, "\(stack)")
        }
        let vision = try #require(trace.table(.vision)).records
        #expect(vision.map(\.isInUse) == [true, true, true, true, true, false, false])
        #expect(vision[3].isDead == true && vision[3].energyShare == 0 && vision[0].isDead == false)
        #expect(vision[6].energyShare == nil && vision[6].isDead == nil)
        let parts = try #require(trace.table(.fusion)).records[0].layers.compactMap(\.imagePart)
        #expect(parts.count == 2 && parts.allSatisfy { $0 > 0 && $0 < 1 })
    }
}
