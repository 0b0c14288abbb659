import Foundation
import SpectralFormats
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// What a user saves from a pane.
@Suite struct PaneExportTests {
    private let map = Heatmap(
        title: "Spectrum", unit: "a.u.", rows: 2, columns: 3, values: [4, 0.4, 0.05, 0.004, 1, 2], scale: .decibel(floor: -50, reference: 4),
        rowLabels: ["0.000", "0.125"], columnLabels: ["a", "b", "c"])
    private let facts = [ExportFact("question", "what is it?"), ExportFact("checkpoint", "888fe9f5db64fce7")]

    @Test func aPNGReadsBackAsThePicture() throws {
        let data = try #require(try PaneExport.png.data(of: map, cursor: (1, 2), facts: facts))
        let image = try ImageFile.decode([UInt8](data), path: "pane.png")
        let picture = ExportPicture(map, cursor: (1, 2), captions: ["question: what is it?", "checkpoint: 888fe9f5db64fce7"])
        #expect(image.width == 2 * picture.width && image.height == 2 * picture.height)
        #expect(image.pixels == picture.rgb(scale: 2))
        #expect(Set(stride(from: 0, to: image.pixels.count, by: 3).map { Array(image.pixels[$0..<$0 + 3]) }).count > 6)
    }

    @Test func everyFormatSaysWhatTheNumbersBelongTo() throws {
        for format in [PaneExport.svg, .csv, .json] {
            let text = String(decoding: try #require(try format.data(of: map, facts: facts)), as: UTF8.self)
            for wanted in ["Spectrum", "a.u.", "what is it?", "888fe9f5db64fce7", "-50"] {
                #expect(text.contains(wanted), "\(format): \(wanted)")
            }
        }
        #expect(PaneExport(fileName: "x/pane.SVG") == .svg && PaneExport(fileName: "png") == .png && PaneExport(fileName: "a.bmp") == nil)
    }

    /// The workbench's own screen, drawn twice over: as cells and as a picture.
    @Test func aScreenBecomesAPicture() throws {
        let grid = ScreenView.draw(.ready(rows: 24, columns: 80), look: Look()).grid
        let svg = String(decoding: try #require(try PaneExport.svg.data(of: grid)), as: UTF8.self)
        for word in ["Images", "a.png", "tiny"] { #expect(svg.contains(word)) }
        let image = try ImageFile.decode([UInt8](#require(try PaneExport.png.data(of: grid))), path: "screen.png")
        #expect(image.width == 80 * 12 && image.height == 24 * 24)
        #expect(try PaneExport.csv.data(of: grid) == nil)
        #expect(try PaneExport.txt.data(of: grid) == Data((grid.text + "\n").utf8))
    }

    /// What files escape and what messages escape is one and the same list, kept in two places.
    @Test func filesAndMessagesEscapeTheSameScalars() {
        // All of the first plane, and every 31st beyond.
        for value in Array(0...0xFFFF) + Array(stride(from: 0x10000, through: 0x10FFFF, by: 31)) {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let text = String(scalar)
            if scalar.actsOnTerminal == (MessageText.printable(text) == text) {
                Issue.record("U+\(String(value, radix: 16)) is escaped in one place only")
            }
        }
    }
}
