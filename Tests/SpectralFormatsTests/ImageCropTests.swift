import SpectralFormats
import TestSupport
import Testing

@Suite struct ImageCropTests {
    private let image: PixelImage = {
        var random = Seeded(state: 5)
        return PixelImage(width: 7, height: 5, pixels: (0..<105).map { _ in UInt8.random(in: 0...255, using: &random) })
    }()

    private func pixel(_ image: PixelImage, _ x: Int, _ y: Int) -> [UInt8] {
        Array(image.pixels[(y * image.width + x) * 3..<(y * image.width + x) * 3 + 3])
    }

    @Test(arguments: [(0, 0, 7, 5), (2, 1, 3, 4), (6, 4, 1, 1), (0, 3, 7, 2)])
    func aCropHasItsPixels(x: Int, y: Int, width: Int, height: Int) {
        let crop = image.cropped(x: x, y: y, width: width, height: height)
        #expect(crop.width == width && crop.height == height)
        for row in 0..<height { for column in 0..<width { #expect(pixel(crop, column, row) == pixel(image, x + column, y + row)) } }
    }

    @Test func mirroredTwiceIsTheSame() {
        let mirrored = image.mirrored
        for y in 0..<5 { for x in 0..<7 { #expect(pixel(mirrored, x, y) == pixel(image, 6 - x, y)) } }
        #expect(mirrored.mirrored == image)
    }

    @Test func coloursAreLookedUpByChannel() {
        let same = (0..<256).map { UInt8($0) }, reversed = Array(same.reversed()), none = [UInt8](repeating: 9, count: 256)
        let changed = image.recoloured([same, reversed, none])
        for y in 0..<5 {
            for x in 0..<7 {
                let old = pixel(image, x, y)
                #expect(pixel(changed, x, y) == [old[0], 255 - old[1], 9])
            }
        }
    }
}
