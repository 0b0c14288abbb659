/// An RGB image in memory, eight bits a channel, row by row from the top left.
public struct PixelImage: Sendable, Equatable {
    /// Width in pixels, at least 1.
    public let width: Int
    /// Height in pixels, at least 1.
    public let height: Int
    /// `height * width * 3` bytes: red, green, blue of each pixel.
    public var pixels: [UInt8]

    /// - Parameters:
    ///   - width: in pixels, at least 1.
    ///   - height: in pixels, at least 1.
    ///   - pixels: `height * width * 3` bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0, "an image has at least one pixel")
        precondition(pixels.count == width * height * 3, "an image has three bytes a pixel")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// An image of one colour, 0 to 255 a channel; black unless told.
    public static func solid(
        width: Int, height: Int, red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0
    ) -> PixelImage {
        let colour = [red, green, blue]
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { bytes, count in
            for index in bytes.indices { bytes.initializeElement(at: index, to: colour[index % 3]) }
            count = bytes.count
        }
        return PixelImage(width: width, height: height, pixels: pixels)
    }
}
