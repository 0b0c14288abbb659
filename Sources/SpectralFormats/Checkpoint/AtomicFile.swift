import Foundation
import Glibc

/// Writes whole files so that a reader sees the old one or the new one, never a part.
public enum AtomicFile {
    /// Writes the pieces that `produce` hands over to a new file beside `path`, flushes it to disk and renames it.
    ///
    /// - Throws: `SafetensorsError.writeFailed`, or what `produce` throws; then nothing of the new file remains.
    static func write(
        path: String, _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        func fail(_ operation: String) -> SafetensorsError {
            .writeFailed(path: path, operation: operation, reason: MessageText.system(errno))
        }
        var name = ""
        var descriptor: Int32 = -1
        repeat {
            name = path + "." + String(UInt32.random(in: 0 ... .max), radix: 36) + ".partial"
            descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        } while descriptor < 0 && errno == EEXIST
        guard descriptor >= 0 else { throw fail("creating a file beside it") }
        var isOpen = true
        var isRenamed = false
        defer {
            if isOpen { close(descriptor) }
            if !isRenamed { unlink(name) }
        }
        try produce { piece in
            var written = 0
            while written < piece.count {
                let count = Glibc.write(descriptor, piece.baseAddress! + written, piece.count - written)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw fail("writing")
                }
                written += count
            }
        }
        guard fsync(descriptor) == 0 else { throw fail("flushing to disk") }
        isOpen = false
        guard close(descriptor) == 0 else { throw fail("closing") }
        guard rename(name, path) == 0 else { throw fail("renaming") }
        isRenamed = true
        // The rename itself is safe only once the folder is on disk; some file systems cannot flush a folder.
        let parent = (path as NSString).deletingLastPathComponent
        let folder = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Makes a folder and those above it, where they are not there yet.
    ///
    /// - Throws: `SafetensorsError.writeFailed`.
    public static func makeFolder(path: String) throws(SafetensorsError) {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let posix = [error as NSError, cause].compactMap { $0 }.first { $0.domain == NSPOSIXErrorDomain }
            // The nearest thing on the way that is there, if it is no folder.
            var way = path
            while !way.isEmpty, way != "/", !FileManager.default.fileExists(atPath: way) { way = (way as NSString).deletingLastPathComponent }
            var isFolder: ObjCBool = false
            let isInTheWay = FileManager.default.fileExists(atPath: way, isDirectory: &isFolder) && !isFolder.boolValue
            throw SafetensorsError.writeFailed(
                path: path, operation: "making the folder",
                reason: isInTheWay ? "\(way) is a file" : posix.map { MessageText.system(Int32($0.code)) } ?? "the system refused it")
        }
    }

    /// Writes `data` to `path` atomically.
    public static func write(path: String, _ data: Data) throws {
        try write(path: path) { put in try data.withUnsafeBytes(put) }
    }
}
