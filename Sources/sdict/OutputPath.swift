import Foundation

/// Where a command writes.
enum OutputPath {
    /// - Throws: `WrongUse` where that is one of the files it reads, which would be lost.
    static func require(_ path: String?, of option: String, isNoneOf inputs: [String?]) throws {
        guard let path else { return }
        func place(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path }
        guard inputs.compactMap({ $0 }).contains(where: { place($0) == place(path) }) else { return }
        throw WrongUse(description: "\(option) \(path.printable) would overwrite what is read; name another file")
    }
}
