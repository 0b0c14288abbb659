/// How a stored image must be turned to stand upright: the values of the EXIF tag 0x0112, by their meaning.
///
/// A photograph is often stored as the sensor saw it, with a note of how the camera was held. Source of the values:
/// EXIF 2.32, section 4.6.4 A.
enum ImageOrientation: Int {
    case upright = 1
    case mirrored
    case turnedHalf
    case flipped
    case transposed
    case turnedRight
    case transversed
    case turnedLeft

    /// The orientation noted in the file `bytes`; upright where there is no note or one that makes no sense.
    init(bytes: [UInt8], format: ImageFormat) {
        let block =
            switch format {
            case .jpeg: Self.blockInJPEG(bytes)
            case .png: Self.blockInPNG(bytes)
            case .webp: Self.blockInWebP(bytes)
            }
        self = block.flatMap(Self.noted(in:)).flatMap(Self.init(rawValue:)) ?? .upright
    }

    /// `image` turned upright. Sides change places for the last four orientations.
    func applied(to image: PixelImage) -> PixelImage {
        let (width, height) = (image.width, image.height)
        let right = width - 1
        let lastRow = (height - 1) * width
        // Where in the stored image the upright one's top left pixel lies, and how far apart there are two pixels
        // that are neighbours in an upright row, and in an upright column.
        let (origin, across, down): (Int, Int, Int) =
            switch self {
            case .upright: (0, 1, width)
            case .mirrored: (right, -1, width)
            case .turnedHalf: (lastRow + right, -1, -width)
            case .flipped: (lastRow, 1, -width)
            case .transposed: (0, width, 1)
            case .turnedRight: (lastRow, -width, 1)
            case .transversed: (lastRow + right, -width, -1)
            case .turnedLeft: (right, width, -1)
            }
        if self == .upright { return image }
        let swapsSides = rawValue >= Self.transposed.rawValue
        let (newWidth, newHeight) = swapsSides ? (height, width) : (width, height)
        let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { upright, count in
            let stored = image.pixels.span
            var at = 0
            for y in 0..<newHeight {
                var from = (origin + y * down) * 3
                for _ in 0..<newWidth {
                    upright.initializeElement(at: at, to: stored[from])
                    upright.initializeElement(at: at + 1, to: stored[from + 1])
                    upright.initializeElement(at: at + 2, to: stored[from + 2])
                    at += 3
                    from += across * 3
                }
            }
            count = at
        }
        return PixelImage(width: newWidth, height: newHeight, pixels: pixels)
    }

    /// The value of tag 0x0112 in the first directory of a TIFF block.
    private static func noted(in block: ArraySlice<UInt8>) -> Int? {
        let isBigEndian: Bool
        if block.starts(with: [0x49, 0x49, 0x2a, 0x00]) {
            isBigEndian = false
        } else if block.starts(with: [0x4d, 0x4d, 0x00, 0x2a]) {
            isBigEndian = true
        } else {
            return nil
        }
        func number(at offset: Int, bytes: Int) -> Int? {
            block.number(at: block.startIndex + offset, bytes: bytes, isBigEndian: isBigEndian)
        }
        guard let directory = number(at: 4, bytes: 4), let entries = number(at: directory, bytes: 2) else { return nil }
        for entry in 0..<entries {
            let at = directory + 2 + entry * 12
            guard let tag = number(at: at, bytes: 2), let type = number(at: at + 2, bytes: 2) else { return nil }
            if tag == 0x0112 {
                // A short by the standard; some writers make it a long.
                return type == 3 ? number(at: at + 8, bytes: 2) : type == 4 ? number(at: at + 8, bytes: 4) : nil
            }
        }
        return nil
    }

    private static let blockPrefix = Array("Exif\0\0".utf8)

    /// The TIFF block of the first APP1 segment marked as EXIF that stands before the pixels.
    private static func blockInJPEG(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 2
        while at + 4 <= bytes.count, bytes[at] == 0xff {
            let marker = bytes[at + 1]
            if marker == 0xff {  // padding before a marker
                at += 1
                continue
            }
            if marker == 0xda || marker == 0xd9 { return nil }
            guard let length = bytes[...].number(at: at + 2, bytes: 2, isBigEndian: true), length >= 2,
                at + 2 + length <= bytes.count
            else { return nil }
            let segment = bytes[(at + 4)..<(at + 2 + length)]
            if marker == 0xe1, segment.starts(with: blockPrefix) { return segment.dropFirst(blockPrefix.count) }
            at += 2 + length
        }
        return nil
    }

    private static func blockInPNG(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 8
        while let length = bytes[...].number(at: at, bytes: 4, isBigEndian: true), at + 12 + length <= bytes.count {
            if bytes[(at + 4)..<(at + 8)].elementsEqual("eXIf".utf8) { return bytes[(at + 8)..<(at + 8 + length)] }
            at += 12 + length
        }
        return nil
    }

    private static func blockInWebP(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 12
        while let length = bytes[...].number(at: at + 4, bytes: 4, isBigEndian: false), at + 8 + length <= bytes.count {
            if bytes[at..<(at + 4)].elementsEqual("EXIF".utf8) {
                let block = bytes[(at + 8)..<(at + 8 + length)]
                // Some writers keep the mark that only JPEG needs.
                return block.starts(with: blockPrefix) ? block.dropFirst(blockPrefix.count) : block
            }
            at += 8 + length + length % 2
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// The unsigned number in `bytes` bytes from index `at`; nil where the slice does not hold them all.
    fileprivate func number(at: Int, bytes: Int, isBigEndian: Bool) -> Int? {
        guard at >= startIndex, at + bytes <= endIndex else { return nil }
        let run = self[at..<(at + bytes)]
        func joined(_ high: Int, _ byte: UInt8) -> Int { high << 8 | Int(byte) }
        return isBigEndian ? run.reduce(0, joined) : run.reversed().reduce(0, joined)
    }
}
