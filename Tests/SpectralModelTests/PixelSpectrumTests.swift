import Foundation
import SpectralFormats
import SpectralKernels
import Testing

@testable import SpectralModel

/// Against a transform written out as its sum, in double precision.
@Suite struct PixelSpectrumTests {
    private func features(_ image: PixelImage, patch: Int = 4) throws -> [Double] {
        var patches: [Float] = []
        PatchGrid.append(image, patch: patch, to: &patches)
        let width = image.width / patch, height = image.height / patch
        return try #require(
            PixelSpectrum.features(
                patches: Tensor(rows: width * height, columns: 3 * patch * patch, patches), gridWidth: width, gridHeight: height))
    }

    private func image(side: Int, _ colour: (_ x: Int, _ y: Int) -> (Int, Int, Int)) -> PixelImage {
        var pixels: [UInt8] = []
        for y in 0..<side {
            for x in 0..<side {
                let (red, green, blue) = colour(x, y)
                pixels += [UInt8(red), UInt8(green), UInt8(blue)]
            }
        }
        return PixelImage(width: side, height: side, pixels: pixels)
    }

    @Test func powersAreThoseOfTheWrittenOutTransform() throws {
        var random = SceneRandom(seed: 5)
        let side = 16, picture = image(side: side) { _, _ in (random.below(256), random.below(256), random.below(256)) }
        let found = try features(picture)
        #expect(PixelSpectrum.octaves(side: side) == 3 && found.count == PixelSpectrum.count(side: side) && found.count == 10)

        let planes: [[Double]] = [0, 1, 2].map { plane in
            stride(from: 0, to: picture.pixels.count, by: 3).map { i in
                let (red, green, blue) = (
                    Double(picture.pixels[i]) / 255, Double(picture.pixels[i + 1]) / 255, Double(picture.pixels[i + 2]) / 255
                )
                let light = 0.299 * red + 0.587 * green + 0.114 * blue
                return [light, blue - light, red - light][plane]
            }
        }
        for (p, plane) in planes.enumerated() {
            var sums = [0.0, 0, 0], counts = [0.0, 0, 0]
            for v in -side / 2..<side / 2 {
                for u in -side / 2..<side / 2 where (u, v) != (0, 0) {
                    var re = 0.0, im = 0.0
                    for y in 0..<side {
                        for x in 0..<side {
                            let angle = -2 * Double.pi * Double(u * x + v * y) / Double(side)
                            re += plane[y * side + x] * cos(angle)
                            im += plane[y * side + x] * sin(angle)
                        }
                    }
                    let cycles = Double(u * u + v * v).squareRoot(), octave = cycles < 2 ? 0 : cycles < 4 ? 1 : 2
                    sums[octave] += (re * re + im * im) / pow(Double(side * side), 2)
                    counts[octave] += 1
                }
            }
            for octave in 0..<3 {
                #expect(abs(found[3 * p + octave] - log(sums[octave] / counts[octave])) < 1e-4, "plane \(p), octave \(octave)")
            }
        }
    }

    @Test func aWaveLiesInItsOctave() throws {
        let side = 64
        for (cycles, octave) in [(1, 0), (3, 1), (4, 2), (13, 3), (31, 4)] {
            let wave = image(side: side) { x, _ in
                let level = Int((127.5 + 100 * sin(2 * Double.pi * Double(cycles * x) / Double(side))).rounded())
                return (level, level, level)
            }
            let light = try features(wave, patch: 8)[0..<5]
            #expect(light.indices.max { light[$0] < light[$1] } == octave, "\(cycles) cycles")
        }
    }

    @Test func drawingsAreFlatAndOneColourIsNothing() throws {
        let halves = try features(image(side: 16) { x, _ in x < 8 ? (0, 0, 0) : (255, 255, 255) })
        // Of 480 steps 16 are from black to white.
        #expect(abs(halves[9] - log(1e-4 / (16.0 / 480 + 1e-4))) < 1e-4)
        let ramp = try features(image(side: 16) { x, y in (8 * (x + y), 8 * (x + y), 8 * (x + y)) })
        #expect(abs(ramp[9]) < 1e-4, "all steps alike")
        let grey = try features(image(side: 16) { _, _ in (90, 90, 90) })
        #expect(grey.allSatisfy { $0.isFinite } && grey[0..<9].allSatisfy { $0 < -25 })
    }
}
