import Foundation
@testable import SpectralEngine
import SpectralFormats
import SpectralLens
import Synchronization
import Testing

@testable import SpectralWorkbench

/// What was measured once is not measured again, and what is damaged is not believed.
@Suite struct UsageCacheTests {
    /// Images of its own, which tests change; gone with the test.
    private final class Place: Sendable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-\(UUID().uuidString)").path
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let place = Place()
    private let folder: String
    private let images: [String]

    init() throws {
        folder = place.path + "/cache/sdict"
        images = [0, 1, 2].map { [path = place.path] in "\(path)/scene\($0).png" }
        try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: true)
        for (i, image) in images.enumerated() {
            try FileManager.default.copyItem(atPath: "\(TinyWorld.shared.path)/images/scene\(i).png", toPath: image)
        }
    }

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        func add(_ line: String) { all.withLock { $0.append(line) } }
        var count: Int { all.withLock { $0.count } }
    }

    /// A survey with an engine and a cache of its own, as another start of the program has.
    private func survey(
        _ paths: [String], warnings: Lines = Lines(), folder: String? = nil, k: Int? = nil
    ) async throws -> (usage: FolderUsage, problems: [String]) {
        let engine = try await Engine(checkpoint: TinyWorld.shared.options.checkpoint), problems = Lines()
        let cache = UsageCache(folder: folder ?? self.folder, warn: { warnings.add($0) })
        let usage = try await UsageSurvey(engine, cache: cache, k: k).run(paths) { if let line = $0.problem { problems.add(line) } }
        return (usage, problems.all.withLock { $0 })
    }

    private func cacheFile() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1, "\(names)")
        return folder + "/" + (try #require(names.first))
    }

    /// Replaces what a file holds by nonsense of the same size, with the time of change given.
    private func ruin(_ path: String, modified: Date) throws {
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        try Data(repeating: 0x21, count: size).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: path)
    }

    @Test func aHitIsNotReadAgainAndAChangeIs() async throws {
        // A time that every file system keeps as it is.
        let date = Date(timeIntervalSince1970: 1_600_000_000)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: images[1])
        let first = try await survey(images)
        #expect(first.usage.n == 3 && first.problems.isEmpty)
        try ruin(images[1], modified: date)
        let second = try await survey(images)
        #expect(second.usage == first.usage && second.problems.isEmpty, "size and time are the same: not read again")
        let other = try await survey(images, k: 3)
        #expect(other.usage.n == 2 && other.usage.k == 3, "another K is another measurement")
        try ruin(images[1], modified: date.addingTimeInterval(1))
        let third = try await survey(images)
        #expect(third.usage.n == 2 && third.problems.count == 1 && third.usage.images == [images[0], images[2]])
    }

    @Test(arguments: ["", "{", "[1, 2]", #"{"format":"sdict atom usage 1","checkpoint":"0000000000000000","items":[]}"#, "\u{0}\u{FF}"])
    func aDamagedOrForeignFileIsPassedOver(text: String) async throws {
        let first = try await survey(images), path = try cacheFile()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let warnings = Lines(), again = try await survey(images, warnings: warnings)
        #expect(again.usage == first.usage && again.problems.isEmpty)
        #expect(warnings.count == 1, "one line")
        let healed = Lines()
        _ = try await survey(images, warnings: healed)
        #expect(healed.count == 0, "what was measured again has replaced it")
    }

    /// An entry of another shape, or with numbers that are no shares, is measured again without a word.
    @Test func entriesThatAreNoSharesAreMeasuredAgain() async throws {
        let first = try await survey(images), path = try cacheFile()
        var file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
        var items = try #require(file["items"] as? [[String: Any]])
        #expect(items.count == 3)
        let length = try #require((items[1]["values"] as? String).flatMap { Data(base64Encoded: $0) }).count
        items[0]["values"] = Data(repeating: 0, count: 8).base64EncodedString()
        items[1]["values"] = Data(repeating: 0xFF, count: length).base64EncodedString()
        file["items"] = items
        try JSONSerialization.data(withJSONObject: file).write(to: URL(fileURLWithPath: path))
        let again = try await survey(images)
        #expect(again.usage == first.usage)
    }

    @Test func aFolderThatCannotBeMadeIsSaidOnce() async throws {
        let warnings = Lines(), blocked = images[0] + "/under/a/file"
        let made = try await survey(images, warnings: warnings, folder: blocked)
        #expect(made.usage.n == 3 && warnings.count == 1)
    }

    @Test func theFileIsBounded() throws {
        let cache = UsageCache(folder: folder, mostEntries: 10, warn: { _ in }), hash = "00000000000000aa"
        let usage = try #require(ImageUsage(values: [1, 1, 1, 1, 0.5], vision: 1, fusion: 1, fusionLayers: 1))
        let key = try #require(UsageCache.Key(images[0], k: 1))
        for k in 1...15 { cache.keep(usage, try #require(UsageCache.Key(images[0], k: k)), checkpoint: hash) }
        // Used again, so it outlives those after it.
        let shape = UsageShape(vision: 1, fusion: 1, fusionLayers: 1)
        #expect(cache.usage(key, checkpoint: hash, shape: shape) == usage)
        cache.save(checkpoint: hash)
        let fresh = UsageCache(folder: folder, warn: { _ in })
        #expect(fresh.usage(key, checkpoint: hash, shape: shape) == usage)
        let second = try #require(UsageCache.Key(images[0], k: 2))
        #expect(fresh.usage(second, checkpoint: hash, shape: shape) == nil)
        #expect(fresh.usage(key, checkpoint: "00000000000000bb", shape: shape) == nil, "other weights")
    }

    @Test func theFolderFollowsTheEnvironment() {
        #expect(UsageCache.standardFolder(["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/sdict")
        #expect(UsageCache.standardFolder(["XDG_CACHE_HOME": "relative", "HOME": "/h"]) == "/h/.cache/sdict")
        #expect(UsageCache.standardFolder([:]) == nil)
    }
}
