import Glibc

/// A file mapped for reading: the one owner of its descriptor and its mapping, both given back in deinit.
///
/// A mapping past the end of a file that has shrunk raises SIGBUS, so every access first asks the open descriptor
/// for the file's length and date and refuses when they are not those of the opening. The mapping was chosen over
/// `pread` because weights then stay in the page cache alone, shared by every process that has them open, until a
/// tensor is converted into its own buffer. What replaces a file by renaming (as this program's writers do) never
/// touches the mapped one; only someone who cuts the very file short during the microseconds of one access could.
///
/// `@unchecked Sendable`: nothing here changes between init and deinit, and the mapping is read-only.
final class MappedFile: @unchecked Sendable {
    private struct Stamp: Equatable {
        let length: Int
        let seconds: Int
        let nanoseconds: Int
    }

    let path: String
    private let descriptor: Int32
    private let stamp: Stamp
    private let base: UnsafeRawPointer?

    var length: Int { stamp.length }

    /// Maps the regular file at `path`.
    init(path: String) throws(SafetensorsError) {
        // Non-blocking, so that a pipe in the file's place is refused below instead of waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: MessageText.system(errno)) }
        var isOwned = false
        defer { if !isOwned { close(descriptor) } }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: MessageText.system(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "not a regular file") }
        let stamp = Self.stamp(status)
        var base: UnsafeRawPointer?
        if stamp.length > 0 {
            let mapping = mmap(nil, stamp.length, PROT_READ, MAP_PRIVATE, descriptor, 0)
            guard let mapping, mapping != MAP_FAILED else {
                throw .unreadable(path: path, reason: MessageText.system(errno))
            }
            base = UnsafeRawPointer(mapping)
        }
        self.path = path
        self.descriptor = descriptor
        self.stamp = stamp
        self.base = base
        isOwned = true
    }

    deinit {
        if let base { munmap(UnsafeMutableRawPointer(mutating: base), stamp.length) }
        close(descriptor)
    }

    private static func stamp(_ status: stat) -> Stamp {
        Stamp(length: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    /// Gives `body` the bytes of `range`, after making sure that the file still has them.
    func withBytes<Result>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(SafetensorsError) -> Result {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: MessageText.system(errno))
        }
        let now = Self.stamp(status)
        guard now.length == stamp.length else {
            throw .changedOnDisk(path: path, expected: "\(stamp.length) bytes", found: "\(now.length)")
        }
        guard now == stamp else {
            throw .changedOnDisk(path: path, expected: "the date of opening", found: "a later change")
        }
        precondition(range.lowerBound >= 0 && range.upperBound <= stamp.length, "a range outside the mapping")
        return body(UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count))
    }
}
