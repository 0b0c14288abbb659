/// The formats images are read from, told by their first bytes, never by the name of the file.
public enum ImageFormat: String, Sendable, CaseIterable, CustomStringConvertible {
    case png = "PNG"
    case jpeg = "JPEG"
    case webp = "WebP"

    public var description: String { rawValue }

    /// The format that `bytes` begin like; nil when they begin like none.
    init?(signature bytes: [UInt8]) {
        if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
            self = .png
        } else if bytes.starts(with: [0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            self = .webp
        } else {
            return nil
        }
    }
}

/// Says in a few words what bytes that are no known image look like. Their content is never quoted.
enum FileLook {
    private static let signatures: [(at: Int, text: String, look: String)] = [
        (0, "GIF8", "a GIF image"),
        (0, "BM", "a BMP image"),
        (0, "II*\0", "a TIFF image"),
        (0, "MM\0*", "a TIFF image"),
        (0, "8BPS", "a Photoshop document"),
        (0, "%PDF", "a PDF document"),
        (0, "\u{7f}ELF", "a program"),
        (0, "PK\u{3}\u{4}", "a zip archive or an office document"),
        (4, "ftypavif", "an AVIF image"),
        (4, "ftyphei", "a HEIC image"),
        (4, "ftypmif", "a HEIC image"),
        (4, "ftyp", "a video"),
        (4, "jP  ", "a JPEG 2000 image"),
        (4, "JXL ", "a JPEG XL image"),
        (0, "RIFF", "a sound, a video or a cut WebP image"),
        (0, "version https://git-lfs", "a Git LFS pointer; fetch the file itself"),
        (0, "<svg", "an SVG drawing"),
        (0, "<!DOCTYPE html", "a web page"),
        (0, "<!doctype html", "a web page"),
        (0, "<html", "a web page"),
        (0, "<?xml", "an XML document"),
    ]

    static func describe(_ bytes: [UInt8]) -> String {
        for (at, text, look) in signatures where bytes.dropFirst(at).starts(with: text.utf8) {
            return look
        }
        if bytes.starts(with: [0x1f, 0x8b]) { return "gzip data" }
        let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47]
        if bytes.starts(with: png) || png.starts(with: bytes) { return "the beginning of a cut or altered PNG" }
        if bytes.starts(with: [0xff, 0xd8]) { return "the beginning of a cut or altered JPEG" }
        let head = bytes.prefix(512)
        if head.allSatisfy({ $0 == 0 }) { return "zero bytes" }
        if isText(head) { return "text" }
        let first = head.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        return "unknown data beginning \(first)"
    }

    private static func isText(_ head: ArraySlice<UInt8>) -> Bool {
        guard head.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || (0x09...0x0d).contains($0) }) else { return false }
        // The cut at 512 bytes may fall inside a character: up to three bytes of one are forgiven.
        return (0...3).contains { String(validating: head.dropLast($0), as: UTF8.self) != nil && head.count > $0 }
    }
}
