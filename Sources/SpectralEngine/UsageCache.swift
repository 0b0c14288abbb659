// What images made of the atoms, kept in memory and on disk, so that a folder is measured once.
//
// Guarantees: an entry answers only for the same weights, K, path, size and time of change; a file that is damaged, too
// large or of another kind is passed over with one line and its images are measured again; files are written atomically,
// hold no more than `mostEntries` images each (the longest unused go first), and there are no more than `mostFiles`.

import Foundation
import SpectralFormats
import SpectralLens
import Synchronization

/// Measured use of atoms by image.
public final class UsageCache: Sendable {
    /// An image as it was when it was measured.
    public struct Key: Hashable, Sendable {
        public let path: String
        public let size: Int
        /// Microseconds since 1970.
        public let modified: Int
        public let k: Int

        /// Reads size and time of change; `nil` for a file that cannot be looked at.
        public init?(_ path: String, k: Int) {
            let file = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
            guard let facts = try? FileManager.default.attributesOfItem(atPath: file), let size = facts[.size] as? Int,
                let date = facts[.modificationDate] as? Date, let time = Int(exactly: (date.timeIntervalSince1970 * 1e6).rounded())
            else { return nil }
            (self.path, self.size, modified, self.k) = (file, size, time, k)
        }

        fileprivate init(_ item: Item) { (path, size, modified, k) = (item.path, item.size, item.modified, item.k) }
    }

    fileprivate struct Item: Codable {
        let path: String
        let size: Int
        let modified: Int
        let k: Int
        /// `ImageUsage.values` as little-endian floats.
        let values: Data
    }

    private struct File: Codable {
        var format = UsageCache.format
        let checkpoint: String
        /// The longest unused first.
        let items: [Item]
    }

    private struct Book {
        var items: [Key: Item] = [:]
        /// When each was used last, in the order of uses.
        var uses: [Key: Int] = [:]
        var clock = 0
        var isChanged = false

        mutating func use(_ key: Key) {
            clock += 1
            uses[key] = clock
        }
    }

    /// As many images as the larger public caption sets have; a file of them has some 15 MB.
    public static let mostEntries = 8000
    public static let mostFiles = 16
    private static let format = "sdict atom usage 1"
    private static let mostBytes = 1 << 26

    /// `nil` keeps everything in memory alone.
    public let folder: String?
    private let mostEntries: Int
    private let warn: @Sendable (String) -> Void
    private let books = Mutex<[String: Book]>([:])

    /// - Parameters:
    ///   - folder: made when something is to be written.
    ///   - mostEntries: of a file; twice as many may be in memory.
    ///   - warn: told in one line what was passed over or could not be written.
    public init(folder: String?, mostEntries: Int = UsageCache.mostEntries, warn: @escaping @Sendable (String) -> Void) {
        self.folder = folder
        self.mostEntries = mostEntries
        self.warn = warn
    }

    /// What is known of an image; `nil` if nothing, or if it does not have the shape given.
    ///
    /// - Parameter checkpoint: hash of its content.
    public func usage(_ key: Key, checkpoint: String, shape: UsageShape) -> ImageUsage? {
        let data: Data? = books.withLock { books in
            var book = books[checkpoint] ?? read(checkpoint)
            defer { books[checkpoint] = book }
            guard let item = book.items[key] else { return nil }
            book.use(key)
            return item.values
        }
        return data.flatMap { shape.usage(Self.floats($0)) }
    }

    /// Keeps what was measured, in memory until `save`.
    public func keep(_ usage: ImageUsage, _ key: Key, checkpoint: String) {
        let item = Item(path: key.path, size: key.size, modified: key.modified, k: key.k, values: Self.data(usage.values))
        books.withLock { books in
            var book = books[checkpoint] ?? read(checkpoint)
            book.items[key] = item
            book.use(key)
            book.isChanged = true
            // Twice what is written may pile up before it is thinned.
            if book.items.count > 2 * mostEntries { thin(&book) }
            books[checkpoint] = book
        }
    }

    /// Writes what is new about a checkpoint; on failure one line is said and all goes on.
    public func save(checkpoint: String) {
        guard let folder, let path = path(checkpoint) else { return }
        let file: File? = books.withLock { books in
            guard var book = books[checkpoint], book.isChanged else { return nil }
            thin(&book)
            book.isChanged = false
            books[checkpoint] = book
            return File(
                checkpoint: checkpoint, items: book.items.sorted { book.uses[$0.key] ?? 0 < book.uses[$1.key] ?? 0 }.map(\.value))
        }
        guard let file else { return }
        do {
            // Paths of images are nobody else's business.
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try AtomicFile.write(path: path, JSONEncoder().encode(file))
            removeOldest(folder)
        } catch { warn("cannot keep the measured use of atoms in \(shown(path)): check the folder and its permissions") }
    }

    // MARK: Details

    private func path(_ checkpoint: String) -> String? {
        guard let folder, checkpoint.allSatisfy(\.isHexDigit), !checkpoint.isEmpty else { return nil }
        return folder + "/usage-\(checkpoint).json"
    }

    private func read(_ checkpoint: String) -> Book {
        var book = Book()
        guard let path = path(checkpoint), FileManager.default.fileExists(atPath: path) else { return book }
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        guard let size, size <= Self.mostBytes, let data = FileManager.default.contents(atPath: path),
            let file = try? JSONDecoder().decode(File.self, from: data), file.format == Self.format, file.checkpoint == checkpoint
        else {
            warn("\(shown(path)) is not a measured use of this checkpoint's atoms: passed over, the images are measured again")
            return book
        }
        for item in file.items.suffix(mostEntries) {
            let key = Key(item)
            book.items[key] = item
            book.use(key)
        }
        return book
    }

    /// Keeps the last used of what a file may hold, in number and in bytes.
    private func thin(_ book: inout Book) {
        var bytes = 0
        let newest = book.items.keys.sorted { book.uses[$0] ?? 0 > book.uses[$1] ?? 0 }
        for (place, key) in newest.enumerated() {
            // Base64, a path of which every letter is spelled as an escape, and the names around them.
            bytes += (book.items[key]?.values.count ?? 0) * 4 / 3 + 6 * key.path.utf8.count + 200
            if place >= mostEntries || bytes > Self.mostBytes { (book.items[key], book.uses[key]) = (nil, nil) }
        }
    }

    private func removeOldest(_ folder: String) {
        let manager = FileManager.default
        let names = ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasPrefix("usage-") && $0.hasSuffix(".json")
        }
        guard names.count > Self.mostFiles else { return }
        let dated = names.map { name in
            (name, (try? manager.attributesOfItem(atPath: folder + "/" + name))?[.modificationDate] as? Date ?? .distantPast)
        }
        for (name, _) in dated.sorted(by: { ($0.1, $0.0) < ($1.1, $1.0) }).prefix(names.count - Self.mostFiles) {
            try? manager.removeItem(atPath: folder + "/" + name)
        }
    }

    private func shown(_ path: String) -> String { MessageText.printable(path, limit: 200) }

    private static func data(_ values: [Float]) -> Data {
        Data(values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
    }

    private static func floats(_ data: Data) -> [Float] {
        let bytes = [UInt8](data)
        return stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { i in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[i + $1]) << (8 * UInt32($1)) })
        }
    }
}

/// How many numbers an image gives.
public struct UsageShape: Sendable, Equatable {
    public let vision: Int
    public let fusion: Int
    public let fusionLayers: Int

    func usage(_ values: [Float]) -> ImageUsage? {
        ImageUsage(values: values, vision: vision, fusion: fusion, fusionLayers: fusionLayers)
    }
}
