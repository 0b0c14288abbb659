// Finding and reading image files for the list.

import Foundation
import SpectralEngine
import SpectralFormats
import SpectralScreen

public enum ImageCatalogue {
    /// Longest side of the copy that the preview keeps: more than any preview has cells.
    static let previewSide = 128
    static let extensions: Set<String> = ["png", "jpg", "jpeg", "webp"]

    /// Paths of the images named by files and folders, folders in the order of their names, each path once.
    ///
    /// - Returns: also one line on the first folder that could not be listed, or on finding nothing at all.
    public static func list(_ sources: [String]) -> (paths: [String], problem: String?) {
        guard !sources.isEmpty else {
            let bundled = Bundled.images
            return (bundled, bundled.isEmpty ? "no images came with the program; start with --images DIR" : nil)
        }
        var paths: [String] = [], known: Set<String> = [], problem: String?
        for source in sources {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: source, isDirectory: &isFolder)
            var found = [source]
            if exists, isFolder.boolValue {
                guard let names = try? FileManager.default.contentsOfDirectory(atPath: source) else {
                    problem = problem ?? "cannot list \(shown(source)): no permission; choose another folder"
                    continue
                }
                found = names.filter(isImageName).sorted().map { source.hasSuffix("/") ? source + $0 : source + "/" + $0 }
                if found.isEmpty { problem = problem ?? "no PNG, JPEG or WebP files in \(shown(source))" }
            } else if !exists, !isImageName(source) {
                problem = problem ?? "no folder \(shown(source)); check its path"
                continue
            }
            for path in found where known.insert(path).inserted { paths.append(path) }
        }
        return (paths, problem)
    }

    static func isImageName(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard !name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { return false }
        return extensions.contains(name[name.index(after: dot)...].lowercased())
    }

    private static func shown(_ path: String) -> String { MessageText.printable(path, limit: 200) }

    /// A glance at the first bytes: nil when the file looks like an image, otherwise what is wrong with it.
    static func problem(with path: String) -> String? {
        // Opening a pipe would wait for its writer; whatever is no plain file is left to `ImageFile`, which does not wait.
        let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
        if type == .typeRegular, let file = FileHandle(forReadingAtPath: path) {
            let start = (try? file.read(upToCount: 16)) ?? Data()
            try? file.close()
            if ImageFile.format(of: [UInt8](start)) != nil { return nil }
        }
        do {
            _ = try ImageFile.load(path)
            return nil
        } catch { return line(error, about: path) }
    }

    /// Reads an image for the list.
    static func read(_ path: String) -> ImageEntry.Status {
        do {
            let image = try ImageFile.load(path)
            return .ready(ImageFacts(width: image.width, height: image.height, preview: preview(of: image)))
        } catch { return .broken(line(error, about: path)) }
    }

    /// The error with the file's name in place of its path, which the list and the start of the program already tell.
    static func line(_ error: some Error, about path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return "\(error)".replacingOccurrences(of: path, with: name)
    }

    private static func preview(of image: PixelImage) -> ImagePreview {
        let longest = max(image.width, image.height)
        var small = image
        if longest > previewSide {
            small = image.resized(
                width: max(1, image.width * previewSide / longest), height: max(1, image.height * previewSide / longest))
        }
        return ImagePreview(width: small.width, height: small.height, pixels: small.pixels)
    }
}
