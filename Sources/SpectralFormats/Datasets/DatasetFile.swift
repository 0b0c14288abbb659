import Foundation

/// A JSON object written member by member, so that a data set of any length needs little memory.
///
/// The text goes to a hidden file beside the target and takes its name at `finish`: a file of the right name is whole.
final class DatasetFile {
    private let target: URL
    private let partial: URL
    private let handle: FileHandle
    private let encoder: JSONEncoder
    private var buffer = Data()
    private var isFirstMember = true
    private var isFirstElement = true
    private var isFinished = false

    init(_ target: URL) throws(SceneError) {
        self.target = target
        partial = target.deletingLastPathComponent().appendingPathComponent(".\(target.lastPathComponent).partial")
        encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            try Data().write(to: partial)
            handle = try FileHandle(forWritingTo: partial)
        } catch {
            throw .cannotWrite(path: target.path, reason: error.localizedDescription)
        }
        buffer.append(UInt8(ascii: "{"))
    }

    deinit {
        try? handle.close()
        if !isFinished { try? FileManager.default.removeItem(at: partial) }
    }

    /// Writes a member with its whole value.
    func add(_ name: String, _ value: some Encodable) throws(SceneError) {
        try begin(name)
        try write(value)
    }

    /// Opens a member that is a list; its elements follow by `append`, and `endList` closes it.
    func beginList(_ name: String) throws(SceneError) {
        try begin(name)
        buffer.append(UInt8(ascii: "["))
        isFirstElement = true
    }

    func append(_ element: some Encodable) throws(SceneError) {
        if !isFirstElement { buffer.append(contentsOf: [UInt8(ascii: ","), UInt8(ascii: "\n")]) }
        isFirstElement = false
        try write(element)
        if buffer.count >= 1 << 20 { try flush() }
    }

    func endList() {
        buffer.append(UInt8(ascii: "]"))
    }

    /// Closes the object and gives the file its name.
    func finish() throws(SceneError) {
        buffer.append(contentsOf: [UInt8(ascii: "}"), UInt8(ascii: "\n")])
        try flush()
        do {
            try handle.synchronize()
            try handle.close()
            try FileManager.default.moveItem(at: partial, to: target)
            isFinished = true
        } catch {
            throw .cannotWrite(path: target.path, reason: error.localizedDescription)
        }
    }

    private func begin(_ name: String) throws(SceneError) {
        if !isFirstMember { buffer.append(contentsOf: [UInt8(ascii: ","), UInt8(ascii: "\n")]) }
        isFirstMember = false
        try write(name)
        buffer.append(UInt8(ascii: ":"))
    }

    private func write(_ value: some Encodable) throws(SceneError) {
        do {
            buffer.append(try encoder.encode(value))
        } catch {
            throw .cannotWrite(path: target.path, reason: error.localizedDescription)
        }
    }

    private func flush() throws(SceneError) {
        do {
            try handle.write(contentsOf: buffer)
            buffer.removeAll(keepingCapacity: true)
        } catch {
            throw .cannotWrite(path: target.path, reason: error.localizedDescription)
        }
    }
}
