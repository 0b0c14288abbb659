import ArgumentParser
import Foundation
import SpectralFormats
import SpectralScreen

/// Where a command's plot goes.
struct PictureFiles: ParsableArguments {
    @Option(help: ArgumentHelp("Write the plot to this PNG file.", valueName: "file"), completion: .file(extensions: ["png"]))
    var png: String?

    @Option(help: ArgumentHelp("Write the plot to this SVG file.", valueName: "file"), completion: .file(extensions: ["svg"]))
    var svg: String?

    /// Pixels of a PNG for each of the picture's.
    private static let scale = 2

    /// - Throws: `ImageError`, `SafetensorsError.writeFailed`.
    func write(_ picture: @autoclosure () -> ExportPicture, title: String) throws {
        guard png != nil || svg != nil else { return }
        let picture = picture()
        if let png {
            let pixels = PixelImage(
                width: picture.width * Self.scale, height: picture.height * Self.scale, pixels: picture.rgb(scale: Self.scale))
            try AtomicFile.write(path: png, Data(ImageFile.encodePNG(pixels)))
        }
        if let svg { try AtomicFile.write(path: svg, Data(picture.svg(title: title).utf8)) }
    }
}
