import Foundation
import SpectralFormats
import Testing

@Suite struct ImagesRefusalTests {
    private func refusal(_ file: String) -> ImageError? {
        ImagesFixtures.error("\(file)") { _ = try ImageFile.load(ImagesFixtures.path(file)) }
    }

    @Test(arguments: [
        ("refused-huge.png", ImageFormat.png, 30000, 30000), ("refused-huge.jpg", .jpeg, 30000, 30000),
        ("refused-huge.webp", .webp, 16384, 16384), ("refused-beyond.png", .png, 4_294_967_295, 4_294_967_295),
    ])
    func moreThanTheLimitIsRefused(_ file: String, _ format: ImageFormat, _ width: Int, _ height: Int) {
        let expected = ImageError.tooManyPixels(
            path: ImagesFixtures.path(file), format: format, width: width, height: height, limit: 1 << 26)
        #expect(refusal(file) == expected)
    }

    @Test func aHugeHeaderAloneIsRefusedAsHuge() throws {
        let bytes = try ImagesFixtures.bytes("refused-huge.png")
        let error = ImagesFixtures.error("header only") { _ = try ImageFile.decode(Array(bytes.prefix(30)), path: "p") }
        #expect(error == .tooManyPixels(path: "p", format: .png, width: 30000, height: 30000, limit: 1 << 26))
    }

    @Test(arguments: [
        ("refused-zero.png", ImageFormat.png, 0, 5), ("refused-zero.jpg", .jpeg, 0, 9),
        ("refused-zero.webp", .webp, 0, 13),
    ])
    func noPixelsAreRefused(_ file: String, _ format: ImageFormat, _ width: Int, _ height: Int) {
        let expected = ImageError.zeroSized(
            path: ImagesFixtures.path(file), format: format, width: width, height: height)
        #expect(refusal(file) == expected)
    }

    @Test func animationsAndOverlongRowsAreUnsupported() {
        let animation = ImagesFixtures.path("refused-animation.webp")
        #expect(refusal("refused-animation.webp") == .unsupported(path: animation, format: .webp, found: "an animation"))
        guard case .unsupported(_, .jpeg, let found) = refusal("refused-wide.jpg") else {
            Issue.record("65535 pixels in a row were not refused as unsupported")
            return
        }
        #expect(found.contains("65500"))
    }

    /// Beginnings of files, each scalar a byte, and what they are said to look like.
    private static let looks: [(String, String)] = [
        ("notes on the image\n", "text"),
        ("\u{c3}\u{a9}", "text"),
        ("GIF89a\u{1}\0\u{1}\0", "a GIF image"),
        ("BM\0\0", "a BMP image"),
        ("%PDF-1.7\n", "a PDF document"),
        ("<svg xmlns=", "an SVG drawing"),
        ("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer; fetch the file itself"),
        ("\0\0\0\u{1c}ftypheic", "a HEIC image"),
        ("RIFF\0\0\0\0WAVE", "a sound, a video or a cut WebP image"),
        ("\u{89}PN", "the beginning of a cut or altered PNG"),
        ("\u{89}PNG\n\u{1a}\n\0\0", "the beginning of a cut or altered PNG"),
        ("\u{ff}\u{d8}", "the beginning of a cut or altered JPEG"),
        ("\u{1f}\u{8b}\u{8}", "gzip data"),
        (String(repeating: "\0", count: 600), "zero bytes"),
        ("\u{1b}[2J\u{f}\u{1}\u{2}\u{3}\u{4}", "unknown data beginning 1b 5b 32 4a 0f 01 02 03"),
    ]

    @Test(arguments: looks)
    func whatIsNoImageIsSaidToLookLikeWhatItIs(_ beginning: String, _ look: String) {
        let bytes = beginning.unicodeScalars.map { UInt8($0.value) }
        let error = ImagesFixtures.error("\(look)") { _ = try ImageFile.decode(bytes, path: "picture.png") }
        #expect(error == .unrecognised(path: "picture.png", found: look))
        #expect(
            error?.description == "cannot read image picture.png: expected PNG, JPEG or WebP, found \(look); "
                + "convert it or name another file")
    }

    @Test func longTextIsTextWhereverTheLookEnds() {
        // 512 bytes are looked at; the three-byte characters are cut at each of their bytes.
        for lead in 0..<3 {
            let bytes = Array(repeating: UInt8(ascii: "a"), count: lead) + Array(String(repeating: "語", count: 400).utf8)
            let error = ImagesFixtures.error("lead \(lead)") { _ = try ImageFile.decode(bytes, path: "p") }
            #expect(error == .unrecognised(path: "p", found: "text"))
        }
    }

    @Test func whatIsNoFileIsSaidToBeWhatItIs() throws {
        try ImagesFixtures.inTemporaryFolder { folder in
            func error(_ path: String) -> ImageError? {
                ImagesFixtures.error("\(path)") { _ = try ImageFile.load(path) }
            }
            #expect(error(folder.path) == .notAFile(path: folder.path, found: "a folder"))

            let pipe = folder.appending(path: "pipe.png").path
            try #require(mkfifo(pipe, 0o600) == 0)
            #expect(error(pipe) == .notAFile(path: pipe, found: "a pipe"))
            #expect(error("/dev/null") == .notAFile(path: "/dev/null", found: "a device"))

            let absent = folder.appending(path: "absent.png").path
            #expect(error(absent) == .missing(path: absent))
            #expect(error(pipe + "/inside.png") == .missing(path: pipe + "/inside.png"))
            // The name of a file that is there, with a zero and more behind it.
            let present = ImagesFixtures.path("rgb8.png")
            #expect(error(present + "\0.png") == .missing(path: present + "\0.png"))

            let empty = folder.appending(path: "empty.png")
            try Data().write(to: empty)
            #expect(error(empty.path) == .emptyFile(path: empty.path))

            let loop = folder.appending(path: "loop.png").path
            try #require(symlink(loop, loop) == 0)
            guard case .unreadable(loop, "opening", let reason) = error(loop) else {
                Issue.record("a link to itself was not refused by the system")
                return
            }
            #expect(reason == String(cString: strerror(ELOOP)))

            // Sparse: it takes no room.
            let large = folder.appending(path: "large.png").path
            try Data([0x89]).write(to: URL(filePath: large))
            try #require(truncate(large, ImageFile.byteLimit + 1) == 0)
            #expect(error(large) == .fileTooLarge(path: large, bytes: (1 << 27) + 1, limit: 1 << 27))
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
    func aFileWithoutPermissionIsUnreadable() throws {
        try ImagesFixtures.inTemporaryFolder { folder in
            let locked = folder.appending(path: "locked.png").path
            try Data([0x89]).write(to: URL(filePath: locked))
            try #require(chmod(locked, 0) == 0)
            let error = ImagesFixtures.error("locked") { _ = try ImageFile.load(locked) }
            let reason = String(cString: strerror(EACCES))
            #expect(error == .unreadable(path: locked, operation: "opening", reason: reason))
        }
    }

    @Test func descriptionsAreOneLineWithoutControlCharacters() {
        let path = "a\u{1b}[2J\nb\u{202e}c.png"
        let errors: [ImageError] = [
            .missing(path: path), .notAFile(path: path, found: "a folder"),
            .unreadable(path: path, operation: "opening", reason: "r\n"), .emptyFile(path: path),
            .fileTooLarge(path: path, bytes: 2, limit: 1), .unrecognised(path: path, found: "text\u{7}"),
            .zeroSized(path: path, format: .png, width: 0, height: 1),
            .tooManyPixels(path: path, format: .jpeg, width: 9, height: 9, limit: 1),
            .truncated(path: path, format: .webp, bytes: 7), .damaged(path: path, format: .png, reason: "\u{1b}c"),
            .unsupported(path: path, format: .webp, found: "an animation"),
            .outOfMemory(path: path, format: .jpeg, reason: "r"),
        ]
        for error in errors {
            let text = error.description
            #expect(text.contains("a\\u{1b}[2J\\u{a}b\\u{202e}c.png"))
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
            #expect(text.contains("; "), "what to do is missing from: \(text)")
        }
    }
}
