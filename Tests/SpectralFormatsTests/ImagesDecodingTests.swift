import Foundation
import SpectralFormats
import Testing

@Suite struct ImagesDecodingTests {
    @Test func everyKindOfFileIsAmongTheFixtures() {
        #expect(ImagesFixtures.decodings.count == 55)
        #expect(ImagesFixtures.resizings.count == 19)
    }

    @Test(arguments: ImagesFixtures.decodings)
    func decodesAsExpected(_ expected: ImagesFixtures.Decoding) throws {
        let image = try ImageFile.load(ImagesFixtures.path(expected.file))
        #expect(image.width == expected.width)
        #expect(image.height == expected.height)
        try #require(image.pixels.count == expected.pixels.count)
        #expect(ImagesFixtures.distance(image.pixels, expected.pixels) <= expected.tolerance)
    }

    @Test func theNamePlaysNoPart() throws {
        try ImagesFixtures.inTemporaryFolder { folder in
            for (file, name) in [("rgb8.png", "a.jpg"), ("colour-444.jpg", "b.webp"), ("lossless.webp", "c")] {
                let copy = folder.appending(path: name)
                try FileManager.default.copyItem(at: ImagesFixtures.folder.appending(path: file), to: copy)
                #expect(try ImageFile.load(copy.path) == ImageFile.load(ImagesFixtures.path(file)))
            }
        }
    }

    @Test(arguments: [
        ("rgb8.png", ImageFormat.png), ("cmyk.jpg", .jpeg), ("lossy.webp", .webp), ("expected-decoding.json", nil),
    ])
    func formatIsToldByTheFirstBytes(_ file: String, _ format: ImageFormat?) throws {
        #expect(ImageFile.format(of: try ImagesFixtures.bytes(file)) == format)
    }

    @Test(arguments: ["rgb8.png", "progressive.jpg", "lossy.webp", "lossless-alpha.webp"])
    func bytesAfterThePictureDoNotMatter(_ file: String) throws {
        let bytes = try ImagesFixtures.bytes(file)
        let extended = bytes + Array(repeating: 0xa5, count: 100)
        #expect(try ImageFile.decode(extended, path: file) == ImageFile.decode(bytes, path: file))
    }

    @Test func whatIsEncodedDecodesToItself() throws {
        for (width, height) in [(1, 1), (64, 64), (3, 200), (200, 3), (63, 65)] {
            let image = ImagesFixtures.formulaImage(width: width, height: height)
            let bytes = try ImageFile.encodePNG(image)
            #expect(ImageFile.format(of: bytes) == .png)
            #expect(try ImageFile.decode(bytes, path: "encoded") == image)
        }
        // Noise does not compress: the room foreseen for the file must hold it all the same.
        var state: UInt32 = 1
        let noise = (0..<(150 * 150 * 3)).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let image = PixelImage(width: 150, height: 150, pixels: noise)
        let bytes = try ImageFile.encodePNG(image)
        #expect(bytes.count > noise.count)
        #expect(try ImageFile.decode(bytes, path: "noise") == image)
        // The compressor must be at work: a flat image is far smaller than its pixels.
        #expect(try ImageFile.encodePNG(.solid(width: 64, height: 64, red: 9, green: 8, blue: 7)).count < 400)
    }

    @Test func aSolidImageHasOneColour() {
        let image = PixelImage.solid(width: 2, height: 3, red: 1, green: 2, blue: 3)
        #expect(image.pixels == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
        #expect(PixelImage.solid(width: 1, height: 1).pixels == [0, 0, 0])
    }

    @Test func pixelsThatDoNotFitTheSizeAreNotEncoded() {
        var image = PixelImage.solid(width: 4, height: 4)
        image.pixels.removeLast()
        let error = ImagesFixtures.error("47 bytes") { _ = try ImageFile.encodePNG(image) }
        #expect(error == .unencodable(width: 4, height: 4, reason: "expected 48 bytes of pixels, found 47"))
    }
}

@Suite struct ImagesResizingTests {
    @Test(arguments: ImagesFixtures.resizings)
    func resizesAsPillowDoes(_ expected: ImagesFixtures.Resizing) throws {
        let source = ImagesFixtures.formulaImage(width: expected.from[0], height: expected.from[1])
        let image = source.resized(width: expected.to[0], height: expected.to[1])
        #expect([image.width, image.height] == expected.to)
        #expect(image.pixels == [UInt8](expected.pixels))
    }

    @Test func oneColourStaysItselfAtEverySize() {
        let extremes: [(UInt8, UInt8, UInt8)] = [(255, 255, 255), (0, 0, 0), (1, 128, 254)]
        for (red, green, blue) in extremes {
            for (width, height) in [(64, 64), (7, 300), (1, 1), (97, 2)] {
                let image = PixelImage.solid(width: 31, height: 57, red: red, green: green, blue: blue)
                let expected = PixelImage.solid(width: width, height: height, red: red, green: green, blue: blue)
                #expect(image.resized(width: width, height: height) == expected)
            }
        }
    }
}
