// From files to references that survive moving a session with its images, and back.

import Foundation
import SpectralEngine
import SpectralFormats

extension SessionReference {
    /// - Parameters:
    ///   - image: path of an image file.
    ///   - session: path of the session that will name it.
    ///   - hash: of the file's bytes, if known.
    public init(image path: String, session: String, hash: String? = nil) {
        self.init(path, bundledIn: Bundled.imagesFolder, names: Bundled.images.map(Self.lastPart), session, hash)
    }

    /// - Parameters:
    ///   - checkpoint: path of a checkpoint folder.
    ///   - session: path of the session that will name it.
    ///   - hash: `Engine.contentHash`.
    public init(checkpoint path: String, session: String, hash: String? = nil) {
        self.init(path, bundledIn: Bundled.folder, names: Bundled.checkpoints, session, hash)
    }

    private init(_ path: String, bundledIn folder: String?, names: [String], _ session: String, _ hash: String?) {
        let parts = Self.parts(path), name = parts.last ?? ""
        if let folder, names.contains(name), parts.dropLast().elementsEqual(Self.parts(folder)) {
            self.init(bundled: name, hash: hash)
        } else {
            self.init(path: Self.relative(parts, to: Array(Self.parts(session).dropLast())), hash: hash)
        }
    }

    /// Where the image lies.
    func imagePath(session: String, run: String) throws(SessionError) -> String {
        guard let bundled else { return located(session) }
        guard let path = Bundled.images.first(where: { Self.lastPart($0) == bundled }) else {
            throw .impossible(run: run, expected: "the name of a bundled image", found: bundled)
        }
        return path
    }

    /// A folder, or the name of a bundled checkpoint.
    func checkpointPath(session: String, run: String) throws(SessionError) -> String {
        guard let bundled else { return located(session) }
        guard Bundled.checkpoints.contains(bundled) else {
            throw .impossible(run: run, expected: "the name of a bundled checkpoint", found: bundled)
        }
        return bundled
    }

    private func located(_ session: String) -> String {
        let path = path ?? ""
        guard !path.hasPrefix("/") else { return path }
        let folder = (session as NSString).deletingLastPathComponent
        // Never a bare name: that could be taken for a bundled checkpoint's.
        return (folder.isEmpty ? "." : folder) + "/" + path
    }

    private static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func parts(_ path: String) -> [String] {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path.split(separator: "/").map(String.init)
    }

    /// The way from one folder to a file; absolute when they share nothing.
    private static func relative(_ target: [String], to folder: [String]) -> String {
        let shared = zip(target, folder).prefix { $0 == $1 }.count
        guard shared > 0 else { return "/" + target.joined(separator: "/") }
        let up = [String](repeating: "..", count: folder.count - shared)
        return (up + Array(target.dropFirst(shared))).joined(separator: "/")
    }
}
