// How characters look where no font is at hand: dots for letters, rectangles for lines, blocks and shades.

/// Letters of 5 x 7 dots in cells of 6 x 12.
enum ExportFont {
    static let cellWidth = 6
    static let cellHeight = 12
    /// Empty rows over a letter.
    static let top = 2

    /// Five columns of a character, the lowest bit on top, eight bits with what hangs under the line.
    static func columns(of character: Character) -> [UInt8] {
        if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F {
            let start = (Int(ascii) - 0x20) * 5
            return Array(ascii5x7[start..<start + 5])
        }
        return symbols[character] ?? unknown
    }

    /// An empty frame: there is a character, and these dots do not know it.
    static let unknown: [UInt8] = [0x7F, 0x41, 0x41, 0x41, 0x7F]

    private static let symbols: [Character: [UInt8]] = [
        "→": [0x08, 0x08, 0x2A, 0x1C, 0x08], "←": [0x08, 0x1C, 0x2A, 0x08, 0x08],
        "↑": [0x04, 0x02, 0x7F, 0x02, 0x04], "↓": [0x10, 0x20, 0x7F, 0x20, 0x10],
        "↗": [0x20, 0x11, 0x09, 0x05, 0x0F], "↖": [0x0F, 0x05, 0x09, 0x11, 0x20],
        "↙": [0x78, 0x50, 0x48, 0x44, 0x02], "↘": [0x02, 0x44, 0x48, 0x50, 0x78],
        "▸": [0x00, 0x3E, 0x1C, 0x08, 0x00], "▲": [0x20, 0x38, 0x3E, 0x38, 0x20], "▼": [0x04, 0x1C, 0x7C, 0x1C, 0x04],
        "…": [0x40, 0x00, 0x40, 0x00, 0x40],
    ]

    /// The printable ASCII characters from space on. Source: the classic font of Adafruit GFX (`glcdfont`, BSD licence).
    private static let ascii5x7: [UInt8] = bytes(
        """
        0000000000 00005F0000 0007000700 147F147F14 242A7F2A12 2313086462 3649562050 0008070300 001C224100 0041221C00
        2A1C7F1C2A 08083E0808 0080703000 0808080808 0000606000 2010080402 3E5149453E 00427F4000 7249494946 2141494D33
        1814127F10 2745454539 3C4A494931 4121110907 3649494936 464949291E 0000140000 0040340000 0008142241 1414141414
        0041221408 0201590906 3E415D594E 7C1211127C 7F49494936 3E41414122 7F4141413E 7F49494941 7F09090901 3E41415173
        7F0808087F 00417F4100 2040413F01 7F08142241 7F40404040 7F021C027F 7F0408107F 3E4141413E 7F09090906 3E4151215E
        7F09192946 2649494932 03017F0103 3F4040403F 1F2040201F 3F4038403F 6314081463 0304780403 6159494D43 007F414141
        0204081020 004141417F 0402010204 4040404040 0003070800 2054547840 7F28444438 3844444428 384444287F 3854545418
        00087E0902 18A4A49C78 7F08040478 00447D4000 2040403D00 7F10284400 00417F4000 7C04780478 7C08040478 3844444438
        FC18242418 18242418FC 7C08040408 4854545424 04043F4424 3C4040207C 1C2040201C 3C4030403C 4428102844 4C9090907C
        4464544C44 0008364100 00007F0000 0041360800 0201020402
        """)

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    /// What fills part of a cell rather than being written in it.
    enum Block {
        /// Rectangles of ink.
        case ink([ExportRect])
        /// The whole cell in ink thinned to this part.
        case shade(Float)
    }

    /// Rectangles of a line, block, shade or braille character in a cell at (x, y); nil for a letter.
    static func block(_ character: Character, x: Int, y: Int) -> Block? {
        let (width, height) = (cellWidth, cellHeight)
        let middle = x + width / 2, waist = y + height / 2
        func rect(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> ExportRect {
            ExportRect(x: x, y: y, width: width, height: height)
        }
        switch character {
        case "█": return .ink([rect(x, y, width, height)])
        case "▀": return .ink([rect(x, y, width, height / 2)])
        case "▄": return .ink([rect(x, waist, width, height / 2)])
        case "░": return .shade(0.25)
        case "▒": return .shade(0.5)
        case "▓": return .shade(0.75)
        case "·": return .ink([rect(middle - 1, waist - 1, 2, 2)])
        case "─": return .ink([rect(x, waist, width, 1)])
        case "│": return .ink([rect(middle, y, 1, height)])
        case "┌": return .ink([rect(middle, waist, width / 2, 1), rect(middle, waist, 1, height / 2)])
        case "┐": return .ink([rect(x, waist, width / 2 + 1, 1), rect(middle, waist, 1, height / 2)])
        case "└": return .ink([rect(middle, waist, width / 2, 1), rect(middle, y, 1, height / 2)])
        case "┘": return .ink([rect(x, waist, width / 2 + 1, 1), rect(middle, y, 1, height / 2)])
        default: break
        }
        guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return nil }
        switch scalar.value {
        case 0x2581...0x2587:
            // Lower eighth up to seven eighths.
            let ink = max(1, (height * Int(scalar.value - 0x2580) + 4) / 8)
            return .ink([rect(x, y + height - ink, width, ink)])
        case 0x2589...0x258F:
            // Left seven eighths down to one eighth.
            return .ink([rect(x, y, max(1, (width * Int(0x2590 - scalar.value) + 4) / 8), height)])
        case 0x2800...0x28FF:
            let bits = scalar.value - 0x2800
            // Bits 0 to 2 and 6 go down the left column, 3 to 5 and 7 down the right one.
            let places: [(Int, Int)] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
            return .ink(places.indices.filter { bits & (1 << UInt32($0)) != 0 }.map {
                rect(x + 1 + 3 * places[$0].0, y + 1 + 3 * places[$0].1, 2, 2)
            })
        default: return nil
        }
    }
}
