import CImages
import Glibc

/// Reads image files (PNG, JPEG, WebP) as RGB, and writes PNG.
///
/// What a file holds is told by its bytes; its name plays no part. Of PNG every colour type and depth is read, of
/// JPEG grey, colour and CMYK, baseline and progressive, of WebP stills. Transparency is composited over white,
/// 16-bit channels are rounded to 8, the EXIF orientation is applied, colour profiles and gamma are ignored.
/// A file that ends before its picture does is an error, whatever could be saved of it.
///
/// Memory is bounded: the file (`byteLimit`), the result (3 bytes a pixel, `pixelLimit`; twice that while it is
/// turned upright) and the decoder's own (at most 8 bytes a pixel for transparency, 640 MiB for a progressive JPEG).
public enum ImageFile {
    /// The most pixels an image may have: 64 megapixels (2^26).
    public static let pixelLimit = 1 << 26
    /// The most bytes an image file may have: 128 MiB.
    public static let byteLimit = 1 << 27

    /// The format that `bytes` begin like; nil when they begin like none of those read.
    public static func format(of bytes: [UInt8]) -> ImageFormat? {
        ImageFormat(signature: bytes)
    }

    /// Reads the image file at `path`.
    public static func load(_ path: String) throws(ImageError) -> PixelImage {
        try decode(try contents(of: path), path: path)
    }

    /// Reads an image from the bytes of a file; `path` is what errors call it.
    public static func decode(_ bytes: [UInt8], path: String) throws(ImageError) -> PixelImage {
        guard !bytes.isEmpty else { throw .emptyFile(path: path) }
        guard let format = format(of: bytes) else {
            throw .unrecognised(path: path, found: FileLook.describe(bytes))
        }
        var info = cimages_info()
        let header = cimages_read_header(format.library, bytes, bytes.count, &info)
        let (width, height) = (Int(info.width), Int(info.height))
        func failure(_ status: cimages_status) -> ImageError {
            self.failure(status, info: info, path: path, format: format, bytes: bytes.count)
        }
        // A header that asks too much is reported as such even when the rest of the file is missing.
        guard header == CIMAGES_OK || header == CIMAGES_TRUNCATED else { throw failure(header) }
        guard isWithinLimit(width, height) else {
            throw .tooManyPixels(path: path, format: format, width: width, height: height, limit: pixelLimit)
        }
        guard header == CIMAGES_OK else { throw failure(header) }
        var status = CIMAGES_OK
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { rgb, count in
            status = cimages_read_pixels(format.library, bytes, bytes.count, rgb.baseAddress, width * height * 3, &info)
            count = status == CIMAGES_OK ? width * height * 3 : 0
        }
        guard status == CIMAGES_OK else { throw failure(status) }
        let stored = PixelImage(width: width, height: height, pixels: pixels)
        return ImageOrientation(bytes: bytes, format: format).applied(to: stored)
    }

    /// The bytes of a PNG file, 8-bit RGB, that holds `image`.
    public static func encodePNG(_ image: PixelImage) throws(ImageError) -> [UInt8] {
        let (width, height) = (image.width, image.height)
        func failure(_ reason: String) -> ImageError { .unencodable(width: width, height: height, reason: reason) }
        guard image.pixels.count == width * height * 3 else {
            throw failure("expected \(width * height * 3) bytes of pixels, found \(image.pixels.count)")
        }
        guard let columns = UInt32(exactly: width), let rows = UInt32(exactly: height),
            isWithinLimit(width, height)
        else { throw failure("expected at most \(pixelLimit) pixels") }
        let bound = cimages_png_bound(columns, rows)
        guard bound > 0 else { throw failure("the format does not hold this size") }
        var status = CIMAGES_OK
        var info = cimages_info()
        let bytes = [UInt8](unsafeUninitializedCapacity: bound) { out, count in
            var written = bound
            status = cimages_write_png(image.pixels, columns, rows, out.baseAddress, &written, &info)
            count = status == CIMAGES_OK ? written : 0
        }
        guard status == CIMAGES_OK else { throw failure(reason(in: info)) }
        return bytes
    }

    // MARK: - Reading the file

    private static func contents(of path: String) throws(ImageError) -> [UInt8] {
        func refusal(_ operation: String, _ code: Int32) -> ImageError {
            if code == ENOENT || code == ENOTDIR { return .missing(path: path) }
            return .unreadable(path: path, operation: operation, reason: String(cString: strerror(code)))
        }
        // The system would stop at a zero and open another file.
        guard !path.utf8.contains(0) else { throw .missing(path: path) }
        // Non-blocking, so that a pipe in the file's place is refused below instead of waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refusal("opening", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw refusal("inspecting", errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .notAFile(path: path, found: "a folder")
        case S_IFIFO: throw .notAFile(path: path, found: "a pipe")
        case S_IFSOCK: throw .notAFile(path: path, found: "a socket")
        default: throw .notAFile(path: path, found: "a device")
        }
        let size = Int(status.st_size)
        guard size <= byteLimit else { throw .fileTooLarge(path: path, bytes: size, limit: byteLimit) }
        var problem: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            // No more than the size of a moment ago is read: a file that grows meanwhile is judged as it was, one
            // that shrinks is found cut short.
            while count < size {
                let got = read(descriptor, buffer.baseAddress! + count, size - count)
                if got > 0 {
                    count += got
                } else if got == 0 {
                    break
                } else if errno != EINTR {
                    problem = errno
                    break
                }
            }
        }
        guard problem == 0 else { throw refusal("reading", problem) }
        return bytes
    }

    // MARK: - The decoders' words

    private static func isWithinLimit(_ width: Int, _ height: Int) -> Bool {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        return !overflow && pixels <= pixelLimit
    }

    private static func failure(
        _ status: cimages_status, info: cimages_info, path: String, format: ImageFormat, bytes: Int
    ) -> ImageError {
        let (width, height) = (Int(info.width), Int(info.height))
        switch status {
        case CIMAGES_TRUNCATED:
            return .truncated(path: path, format: format, bytes: bytes)
        case CIMAGES_UNSUPPORTED:
            return .unsupported(path: path, format: format, found: reason(in: info))
        case CIMAGES_ZERO_SIZED:
            return .zeroSized(path: path, format: format, width: width, height: height)
        case CIMAGES_TOO_LARGE where !isWithinLimit(width, height):
            return .tooManyPixels(path: path, format: format, width: width, height: height, limit: pixelLimit)
        case CIMAGES_TOO_LARGE:
            // Long and thin: few enough pixels, but more in a row than the decoder takes.
            return .unsupported(path: path, format: format, found: reason(in: info))
        case CIMAGES_NO_MEMORY:
            return .outOfMemory(path: path, format: format, reason: reason(in: info))
        default:
            return .damaged(path: path, format: format, reason: reason(in: info))
        }
    }

    private static func reason(in info: cimages_info) -> String {
        withUnsafeBytes(of: info.reason) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension ImageFormat {
    fileprivate var library: cimages_format {
        switch self {
        case .png: CIMAGES_PNG
        case .jpeg: CIMAGES_JPEG
        case .webp: CIMAGES_WEBP
        }
    }
}
