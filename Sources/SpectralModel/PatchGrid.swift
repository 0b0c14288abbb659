// Pixels to patches: the only thing that happens to an image before the first linear map.

import SpectralFormats

/// Cuts images into patches.
public enum PatchGrid {
    /// Appends the patches of an image, row by row, each as its rows of RGB pixels scaled to -1...1.
    ///
    /// - Parameter patch: side in pixels; it must divide width and height.
    public static func append(_ image: PixelImage, patch: Int, to patches: inout [Float]) {
        precondition(image.width % patch == 0 && image.height % patch == 0, "patches must divide the image")
        let columns = image.width / patch, rows = image.height / patch
        patches.reserveCapacity(patches.count + image.pixels.count)
        image.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<rows {
                for column in 0..<columns {
                    for y in 0..<patch {
                        let start = ((row * patch + y) * image.width + column * patch) * 3
                        for i in start..<start + 3 * patch { patches.append(Float(pixels[i]) / 127.5 - 1) }
                    }
                }
            }
        }
    }
}
