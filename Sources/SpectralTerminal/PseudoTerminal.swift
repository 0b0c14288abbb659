import CTerminal
import Foundation

/// A terminal with nobody before it: keys are written into one end, and what is drawn comes out there and is dropped.
public final class PseudoTerminal: Sendable {
    private let person: Int32
    private let program: Int32
    /// For `Terminal.open`.
    public var files: (input: Int32, output: Int32) { (program, program) }

    /// - Throws: `TerminalError` where the system has no more of them.
    public init(rows: Int, columns: Int) throws(TerminalError) {
        var person: Int32 = -1, program: Int32 = -1
        guard ct_make_pty(Int32(clamping: rows), Int32(clamping: columns), &person, &program) else {
            throw .unusable(reason: "the system has no pseudo terminal to give")
        }
        self.person = person
        self.program = program
    }

    deinit {
        close(program)
        close(person)
    }

    /// Types.
    public func feed(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(person, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Takes away what is drawn, until `isOver` says so. Blocks; for a thread of its own.
    public func drain(until isOver: () -> Bool) {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var file = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        while !isOver() {
            if poll(&file, 1, 100) > 0, read(person, &bytes, bytes.count) <= 0 { return }
        }
    }
}
