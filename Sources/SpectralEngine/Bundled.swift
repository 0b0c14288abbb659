// What comes with the program: checkpoints and images, each checkpoint a folder of its own name.

import Foundation
import SpectralFormats

/// The resources of the program.
///
/// They lie beside the executable, where the build puts them and an installation should.
public enum Bundled {
    /// The checkpoint used when none is named.
    public static let defaultCheckpoint = "scenes-any-k"

    /// The folder of resources; `nil` when the program was moved without it.
    public static let folder: String? = {
        // Inside the program itself not `Bundle.module`, which ends it when the folder is missing: a message can do
        // better. Any other host, such as a test runner, stands where only the build knows the folder.
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
        let beside = program?.deletingLastPathComponent().appendingPathComponent("sdict_SpectralEngine.resources")
        if let path = beside?.appendingPathComponent("Bundled").path, isFolder(path) { return path }
        guard program?.lastPathComponent != "sdict" else { return nil }
        return Bundle.module.url(forResource: "Bundled", withExtension: nil)?.path
    }()

    /// Names of the bundled checkpoints, sorted.
    public static var checkpoints: [String] {
        names(in: folder).filter { exists(folder! + "/" + $0 + "/" + CheckpointFolder.configName) }
    }

    /// Paths of the bundled images, sorted by name.
    public static var images: [String] {
        guard let folder = imagesFolder else { return [] }
        return names(in: folder).filter { $0.hasSuffix(".png") || $0.hasSuffix(".jpg") }.map { folder + "/" + $0 }
    }

    /// The folder of bundled images; `nil` when there is none.
    public static var imagesFolder: String? {
        folder.map { $0 + "/images" }.flatMap { isFolder($0) ? $0 : nil }
    }

    /// The folder of a checkpoint, by the name of a bundled one or by path.
    ///
    /// A bundled name wins over a folder of that name; write `./NAME` for the folder.
    public static func checkpointPath(_ nameOrPath: String = defaultCheckpoint) throws(EngineError) -> String {
        if let folder, checkpoints.contains(nameOrPath) { return folder + "/" + nameOrPath }
        if !nameOrPath.isEmpty, exists(nameOrPath) { return nameOrPath }
        throw nameOrPath == defaultCheckpoint
            ? .nothingBundled : .unknownCheckpoint(name: nameOrPath, bundled: checkpoints)
    }

    /// Names of the bundled studies, which `sdict eval study` trains and measures, sorted.
    public static var studies: [String] {
        names(in: folder.map { $0 + "/training" }).filter { $0.hasPrefix("study-") && $0.hasSuffix(".json") }
            .map { String($0.dropFirst("study-".count).dropLast(".json".count)) }
    }

    /// The file of a study, by the name of a bundled one or by path.
    public static func studyPath(_ nameOrPath: String) -> String {
        guard let folder, studies.contains(nameOrPath) else { return nameOrPath }
        return "\(folder)/training/study-\(nameOrPath).json"
    }

    private static func names(in folder: String?) -> [String] {
        folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) }?.sorted() ?? []
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
