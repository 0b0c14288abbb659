// A pane as a file: pictures and text of what is shown, numbers as they are held.

import Foundation
import SpectralFormats
import SpectralScreen

public enum PaneExport: String, Sendable, CaseIterable {
    case svg, png, csv, json, md, txt

    /// Pixels of a PNG for each pixel of the picture: letters stay readable on dense screens.
    public static let pixelScale = 2

    /// By the end of a file's name; nil for any other.
    public init?(fileName: String) {
        guard let ending = fileName.split(separator: ".").last?.lowercased(), let format = PaneExport(rawValue: ending) else {
            return nil
        }
        self = format
    }

    /// A heatmap as it stands, with nothing merged.
    ///
    /// - Parameters:
    ///   - cursor: a value's row and column, framed and read out in pictures.
    ///   - facts: what the numbers belong to, such as question and checkpoint hash; pictures say it in lines below.
    /// - Returns: nil for md and txt: a map is no table, and as text it is what the pane shows.
    /// - Throws: `ImageError` for a PNG too large to write.
    public func data(
        of heatmap: Heatmap, cursor: (row: Int, column: Int)? = nil, look: Look = Look(), facts: [ExportFact] = []
    ) throws -> Data? {
        switch self {
        case .md, .txt: return nil
        case .csv: return Data(heatmap.csv(facts: facts).utf8)
        case .json: return Data(heatmap.json(facts: facts).utf8)
        case .svg, .png:
            let captions = facts.map { "\($0.name): \($0.value)" }
            return try encode(
                ExportPicture(heatmap, cursor: cursor, look: look, captions: captions), title: heatmap.title,
                description: captions.joined(separator: "; "))
        }
    }

    /// A pane or screen as its cells are drawn; pictures say the facts in lines below.
    ///
    /// - Returns: nil for csv, json and md, which take numbers and not pictures.
    /// - Throws: `ImageError` for a PNG too large to write.
    public func data(of grid: CellGrid, look: Look = Look(), title: String = "", facts: [ExportFact] = []) throws -> Data? {
        switch self {
        case .csv, .json, .md: return nil
        case .txt: return Data((grid.text + "\n").utf8)
        case .svg, .png:
            let captions = facts.map { "\($0.name): \($0.value)" }
            return try encode(
                ExportPicture(grid, look: look, captions: captions), title: title, description: captions.joined(separator: "; "))
        }
    }

    /// A table with every row and digit; Markdown rounds.
    ///
    /// - Returns: nil for pictures and txt.
    public func data(of figures: ExportFigures, facts: [ExportFact] = []) -> Data? {
        switch self {
        case .csv: Data(figures.csv(facts: facts).utf8)
        case .json: Data(figures.json(facts: facts).utf8)
        case .md: Data(figures.markdown(facts: facts).utf8)
        case .svg, .png, .txt: nil
        }
    }

    private func encode(_ picture: ExportPicture, title: String, description: String) throws -> Data {
        guard self == .png else { return Data(picture.svg(title: title, description: description).utf8) }
        let scale = Self.pixelScale
        return Data(
            try ImageFile.encodePNG(
                PixelImage(width: picture.width * scale, height: picture.height * scale, pixels: picture.rgb(scale: scale))))
    }
}
