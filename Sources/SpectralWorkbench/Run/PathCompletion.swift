// Paths that begin as somebody wrote them, and opening folders of images while the program runs.

import Foundation
import SpectralFormats
import SpectralScreen

enum PathCompletion {
    /// Names of one folder that are offered at most.
    static let most = 200

    /// `~` and `~/...` in the folder of the one who runs the program.
    static func expanded(_ path: String) -> String {
        path == "~" || path.hasPrefix("~/") ? UserFolders.expanded(path) : path
    }

    /// What begins so, by name, folders with a slash after them; hidden names only when a dot is written. Names that
    /// could act on a terminal cannot be written on a line and are left out.
    static func found(_ query: PathQuery) -> [String] {
        if query.text == "~" { return ["~/"] }
        let start = query.text.lastIndex(of: "/").map { query.text.index(after: $0) } ?? query.text.startIndex
        let folder = String(query.text[..<start]), beginning = query.text[start...]
        let place = folder.isEmpty ? "." : expanded(folder)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else { return [] }
        let fitting = names.filter { name in
            name.hasPrefix(beginning) && (beginning.hasPrefix(".") || !name.hasPrefix("."))
                && !name.unicodeScalars.contains(where: \.actsOnTerminal)
        }
        let found = fitting.sorted().lazy.compactMap { name -> String? in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(place)/\(name)", isDirectory: &isFolder) else { return nil }
            if isFolder.boolValue { return folder + name + "/" }
            let isWanted =
                switch query.kind {
                case .any: true
                case .images: ImageCatalogue.isImageName(name)
                case .sessions: name.hasSuffix(".jsonl")
                }
            return isWanted ? folder + name : nil
        }
        return Array(found.prefix(most))
    }
}

extension ImageCatalogue {
    /// The images of folders and files that are there, each that is known already under the path it is known by.
    ///
    /// - Throws: `Unopened` when one of them is missing or cannot be read, or there is no image among them.
    static func open(_ sources: [String], known: [String]) throws(Unopened) -> [String] {
        for source in sources {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
                throw Unopened("no folder or file \(name(source)); the list stays as it was")
            }
            let isReadable =
                isFolder.boolValue
                ? (try? FileManager.default.contentsOfDirectory(atPath: source)) != nil
                : FileManager.default.isReadableFile(atPath: source)
            guard isReadable else {
                throw Unopened("\(name(source)) cannot be read: check its permissions; the list stays as it was")
            }
        }
        let paths = list(sources).paths
        guard !sources.isEmpty, !paths.isEmpty else {
            throw Unopened("no PNG, JPEG or WebP files in \(sources.map(name).joined(separator: ", ")); the list stays as it was")
        }
        let spelling = Dictionary(known.map { (place(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        return paths.map { spelling[place(of: $0)] ?? $0 }
    }

    struct Unopened: Error {
        let line: String
        init(_ line: String) { self.line = line }
    }

    private static func name(_ path: String) -> String { MessageText.printable(path, limit: 80) }

    /// The same for `photos/a.png` and `./photos/a.png`.
    private static func place(of path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}

extension Runner {
    func open(images sources: [String], known: [String]) {
        do {
            let paths = try ImageCatalogue.open(sources.map(PathCompletion.expanded), known: known)
            mailbox.post(.imagesOpened(sources: sources, paths))
            glance(at: paths)
        } catch { mailbox.post(.imagesNotOpened(sources: sources, error.line)) }
    }

    func complete(_ query: PathQuery) { mailbox.post(.pathsCompleted(query, PathCompletion.found(query))) }
}
