/// Why an image could not be read or written.
public enum ImageError: Error, CustomStringConvertible, Equatable {
    /// Nothing stands at the path (any more).
    case missing(path: String)
    /// The path names a folder, a pipe or a device; `found` says which.
    case notAFile(path: String, found: String)
    /// The system refused `operation`.
    case unreadable(path: String, operation: String, reason: String)
    case emptyFile(path: String)
    /// The file has more than `limit` bytes. It was not read.
    case fileTooLarge(path: String, bytes: Int, limit: Int)
    /// The bytes are none of the known formats; `found` says what they look like.
    case unrecognised(path: String, found: String)
    case zeroSized(path: String, format: ImageFormat, width: Int, height: Int)
    /// The header says more than `limit` pixels. Nothing was allocated for them.
    case tooManyPixels(path: String, format: ImageFormat, width: Int, height: Int, limit: Int)
    /// The file ends before the picture does.
    case truncated(path: String, format: ImageFormat, bytes: Int)
    /// The bytes are not what the format allows; `reason` in the decoder's words.
    case damaged(path: String, format: ImageFormat, reason: String)
    /// The format allows it, this program does not read it.
    case unsupported(path: String, format: ImageFormat, found: String)
    case outOfMemory(path: String, format: ImageFormat, reason: String)
    /// The image in memory cannot become a PNG file.
    case unencodable(width: Int, height: Int, reason: String)

    public var description: String {
        switch self {
        case .missing(let path):
            return "cannot read image \(clean(path)): no such file; check the path"
        case .notAFile(let path, let found):
            return "cannot read image \(clean(path)): expected a file, found \(found); name a file in it or beside it"
        case .unreadable(let path, let operation, let reason):
            return "cannot read image \(clean(path)): \(operation) failed: \(clean(reason)); check its permissions"
        case .emptyFile(let path):
            return "image \(clean(path)) is an empty file; copy it again"
        case .fileTooLarge(let path, let bytes, let limit):
            return "image \(clean(path)) is too large a file: expected at most \(limit) bytes, found \(bytes); "
                + "save it smaller"
        case .unrecognised(let path, let found):
            return "cannot read image \(clean(path)): expected PNG, JPEG or WebP, found \(clean(found)); "
                + "convert it or name another file"
        case .zeroSized(let path, let format, let width, let height):
            return "image \(clean(path)) (\(format)) has no pixels: its header says \(width) x \(height); "
                + "export it again"
        case .tooManyPixels(let path, let format, let width, let height, let limit):
            return "image \(clean(path)) (\(format)) is too large: expected at most \(limit) pixels, "
                + "found \(width) x \(height); save it smaller"
        case .truncated(let path, let format, let bytes):
            return "image \(clean(path)) (\(format)) is cut short: it ends after \(bytes) bytes, "
                + "before the picture does; copy it again"
        case .damaged(let path, let format, let reason):
            return "image \(clean(path)) (\(format)) is damaged: \(clean(reason)); copy or export it again"
        case .unsupported(let path, let format, let found):
            return "image \(clean(path)) (\(format)) is of a kind that is not read: \(clean(found)); "
                + "save it as a plain still image"
        case .outOfMemory(let path, let format, let reason):
            return "image \(clean(path)) (\(format)) needs too much memory: \(clean(reason)); save it smaller"
        case .unencodable(let width, let height, let reason):
            return "cannot write an image of \(width) x \(height) as PNG: \(clean(reason)); give it a smaller size"
        }
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 400) }
}
