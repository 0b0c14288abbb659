// Sessions on disk.
//
// Guarantees, in order: an event is on disk (fsync) before `append` returns; a line that is whole is never changed or
// lost; what an interruption left of a last line is dropped with one notice; two programs never write one session.

import Foundation
import Glibc
import SpectralFormats
import Synchronization

/// A session open for adding to it: the one owner of its descriptor.
public final class SessionFile: Sendable {
    /// The most bytes a session may have: 64 MiB.
    public static let byteLimit = 1 << 26

    private struct State {
        var session: Session
        /// Bytes that are known to be whole lines.
        var length: Int
    }
    private let descriptor: Int32
    private let state: Mutex<State>

    public var session: Session { state.withLock { $0.session } }

    /// Reads a session without touching it.
    public static func read(_ path: String) throws(SessionError) -> Session {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        return try requiringHeader(contents(of: descriptor, path: path).session)
    }

    /// Makes a session with nothing but its header.
    ///
    /// - Parameter fields: more members for the header's line.
    public static func create(
        _ path: String, header: SessionHeader, fields: JSONValue = .object([:])
    ) throws(SessionError) -> SessionFile {
        let descriptor = try open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL)
        let file: SessionFile
        do throws(SessionError) {
            file = try SessionFile(owning: descriptor, path: path)
            try file.append(.session(header), fields: fields)
        } catch {
            unlink(path)
            throw error
        }
        // The name itself is safe only once the folder is on disk; some file systems cannot flush a folder.
        let parent = (path as NSString).deletingLastPathComponent
        let folder = Glibc.open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        return file
    }

    /// Opens a session to add to it. A torn last line is cut off.
    public convenience init(adding path: String) throws(SessionError) {
        try self.init(owning: Self.open(path, O_RDWR | O_APPEND), path: path)
        _ = try Self.requiringHeader(session)
    }

    private init(owning descriptor: Int32, path: String) throws(SessionError) {
        do throws(SessionError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw errno == EWOULDBLOCK ? .inUse(path: path) : Self.failure(path, "locking")
            }
            let found = try Self.contents(of: descriptor, path: path)
            if !found.session.notices.isEmpty, ftruncate(descriptor, off_t(found.length)) != 0 || fsync(descriptor) != 0 {
                throw Self.failure(path, "cutting off the torn line")
            }
            if !found.isEnded { try Self.write([UInt8(ascii: "\n")], to: descriptor, path: path) }
            self.descriptor = descriptor
            state = Mutex(State(session: found.session, length: found.length + (found.isEnded ? 0 : 1)))
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Adds an event and returns once it is on disk.
    ///
    /// - Parameter fields: more members for the line, kept where `event` says nothing of the kind.
    /// - Throws: `SessionError`; the file then holds what it held before.
    @discardableResult
    public func append(_ event: SessionEvent, fields: JSONValue = .object([:])) throws(SessionError) -> SessionEntry {
        do {
            return try state.withLock { state in
                let path = state.session.path
                if let problem = state.session.problem(with: event) {
                    throw SessionError.unfit(
                        path: path, id: event.id ?? event.kind, expected: problem.expected, found: problem.found)
                }
                let members: JSONValue, text: String
                do {
                    members = fields.merging(try SessionJSON.value(event))
                    text = try SessionJSON.text(members)
                } catch {
                    throw SessionError.unfit(
                        path: path, id: event.id ?? event.kind, expected: "finite numbers", found: "one that is not")
                }
                try requireInPlace(path)
                var session = state.session
                try session.add(members, line: (session.entries.last?.line ?? 0) + 1)
                let bytes = Array((text + "\n").utf8)
                do throws(SessionError) {
                    try Self.write(bytes, to: descriptor, path: path)
                } catch {
                    // Half a line must not stand in the way of the next.
                    _ = ftruncate(descriptor, off_t(state.length))
                    throw error
                }
                state = State(session: session, length: state.length + bytes.count)
                return session.entries[session.entries.count - 1]
            }
        } catch let error as SessionError {
            throw error
        } catch {
            throw .system(path: session.path, operation: "adding a line", reason: MessageText.printable("\(error)"))
        }
    }

    /// What is written must be found under the name it is said to have: the file may have been removed, or another put there.
    private func requireInPlace(_ path: String) throws(SessionError) {
        var own = stat(), named = stat()
        guard fstat(descriptor, &own) == 0 else { throw Self.failure(path, "inspecting") }
        guard stat(path, &named) == 0, named.st_ino == own.st_ino, named.st_dev == own.st_dev else {
            throw .gone(path: path)
        }
    }

    private static func requiringHeader(_ session: Session) throws(SessionError) -> Session {
        guard session.header != nil else {
            throw .foreign(path: session.path, expected: "a session's header on the first line", found: "an empty file")
        }
        return session
    }

    // MARK: The system

    private static func open(_ path: String, _ flags: Int32) throws(SessionError) -> Int32 {
        // The system would stop at a zero and open another file.
        guard !path.utf8.contains(0) else { throw .system(path: path, operation: "opening", reason: "a zero byte in its name") }
        // Non-blocking, so that a pipe in the file's place is refused below instead of waited for.
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else {
            throw errno == EEXIST ? .exists(path: path) : failure(path, flags & O_CREAT == 0 ? "opening" : "making the file")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .foreign(path: path, expected: "a file", found: "a folder, pipe or device")
        }
        return descriptor
    }

    /// - Returns: the session, the bytes of its whole lines, and whether the last of them has its line break.
    private static func contents(
        of descriptor: Int32, path: String
    ) throws(SessionError) -> (session: Session, length: Int, isEnded: Bool) {
        let bytes = try read(descriptor, path: path)
        var session = Session(path: path), start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            try session.add(line: bytes[start..<end])
            start = end + 1
        }
        guard start < bytes.count else { return (session, bytes.count, true) }
        // A JSON object that reads whole is whole: no beginning of one does.
        do throws(SessionError) {
            try session.add(line: bytes[start...])
            return (session, bytes.count, false)
        } catch {
            guard !session.entries.isEmpty else {
                throw .foreign(path: path, expected: "a session's header on the first line", found: "\(bytes.count) other bytes")
            }
            session.add(
                notice: "session \(MessageText.printable(path, limit: 200)): line \(session.entries.count + 1) was cut short "
                    + "(\(bytes.count - start) bytes) and is left out; all \(session.entries.count) lines before it are whole")
            return (session, start, true)
        }
    }

    private static func read(_ descriptor: Int32, path: String) throws(SessionError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, "inspecting") }
        let size = Int(status.st_size)
        guard size <= byteLimit else {
            throw .foreign(path: path, expected: "at most \(byteLimit) bytes", found: "\(size)")
        }
        var problem: SessionError?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = pread(descriptor, buffer.baseAddress! + count, size - count, off_t(count))
                if got < 0, errno == EINTR { continue }
                if got < 0 { problem = failure(path, "reading") }
                guard got > 0 else { return }
                count += got
            }
        }
        if let problem { throw problem }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(SessionError) {
        var written = 0, problem: SessionError?
        bytes.withUnsafeBytes { bytes in
            while written < bytes.count, problem == nil {
                let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                if count < 0 { problem = failure(path, "writing") } else { written += count }
            }
        }
        if let problem { throw problem }
        guard fsync(descriptor) == 0 else { throw failure(path, "flushing to disk") }
    }

    private static func failure(_ path: String, _ operation: String) -> SessionError {
        .system(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
