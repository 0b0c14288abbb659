// Captions people gave to images: COCO captions JSON, and the tables of Flickr8k.

import Foundation

/// An image and what people say of it.
public struct CaptionedImage: Sendable, Equatable {
    /// The file's own id, or in files without ids the place of the image in it, from 1.
    public var id: Int
    /// As in the file, relative to the folder of images.
    public var fileName: String
    /// At least one.
    public var captions: [String]

    public init(id: Int, fileName: String, captions: [String]) {
        self.id = id
        self.fileName = fileName
        self.captions = captions
    }
}

/// The forms captions come in.
public enum CaptionFormat: String, Sendable, CaseIterable {
    /// `images` [{id, file_name}] and `annotations` [{image_id, caption}].
    case coco
    /// Lines of an image's name, a tab and a caption: under the header `image<TAB>caption`, or with `#` and the caption's number
    /// behind the name, as in `Flickr8k.token.txt`.
    case flickr8k

    /// Told by the file's first character: JSON or a table.
    public init(of path: String) throws(DatasetFileError) {
        let first = try DatasetReading.data(path, format: "caption").first { !" \t\r\n".utf8.contains($0) }
        guard let first else { throw .malformed(path: path, format: "caption", place: "", found: "the file is empty") }
        if first == UInt8(ascii: "[") {
            throw .malformed(
                path: path, format: "caption", place: "",
                found: "expected COCO captions, an object, or a Flickr8k table, found a JSON list")
        }
        self = first == UInt8(ascii: "{") ? .coco : .flickr8k
    }
}

/// Reads captions.
public enum CaptionFiles {
    /// Images in the file's order. Images that have no captions are left out.
    public static func images(_ path: String, format: CaptionFormat) throws(DatasetFileError) -> [CaptionedImage] {
        switch format {
        case .coco: try coco(path)
        case .flickr8k: try flickr8k(path)
        }
    }

    private static func coco(_ path: String) throws(DatasetFileError) -> [CaptionedImage] {
        struct File: Decodable {
            struct Image: Decodable {
                let id: Int
                let fileName: String
            }
            struct Annotation: Decodable {
                let imageId: Int
                let caption: String
            }
            let images: [Image]
            let annotations: [Annotation]
        }
        let file = try DatasetReading.json(File.self, path, format: "COCO captions")
        var places: [Int: Int] = [:], images: [CaptionedImage] = []
        for (place, image) in file.images.enumerated() {
            guard places.updateValue(place, forKey: image.id) == nil else {
                throw malformed(path, "COCO captions", "images[\(place)].id", "image \(image.id) is there twice")
            }
            images.append(CaptionedImage(id: image.id, fileName: image.fileName, captions: []))
        }
        for (place, annotation) in file.annotations.enumerated() {
            guard let image = places[annotation.imageId] else {
                throw malformed(
                    path, "COCO captions", "annotations[\(place)].image_id", "there is no image \(annotation.imageId) in images")
            }
            images[image].captions.append(annotation.caption)
        }
        images.removeAll(where: \.captions.isEmpty)
        guard !images.isEmpty else { throw malformed(path, "COCO captions", "annotations", "there are no captions") }
        return images
    }

    private static func flickr8k(_ path: String) throws(DatasetFileError) -> [CaptionedImage] {
        let format = "Flickr8k"
        var lines = try DatasetReading.lines(path, format: format)
        guard let first = lines.first else { throw malformed(path, format, "", "the file is empty") }
        let hasHeader = first.text == "image\tcaption"
        if hasHeader { lines.removeFirst() }
        guard hasHeader || number(first.text) != nil else {
            throw malformed(
                path, format, "line \(first.number)",
                "expected the header image<TAB>caption or a line NAME#0<TAB>caption, found \(MessageText.printable(first.text))")
        }
        var places: [String: Int] = [:], images: [CaptionedImage] = [], keys: Set<String> = []
        for line in lines {
            guard let tab = line.text.firstIndex(of: "\t"), tab > line.text.startIndex else {
                throw malformed(path, format, "line \(line.number)", "expected a name, a tab and a caption")
            }
            let key = String(line.text[..<tab]), caption = String(line.text[line.text.index(after: tab)...])
            var name = key
            if !hasHeader {
                guard let end = number(line.text) else {
                    throw malformed(path, format, "line \(line.number)", "expected # and a number behind the image's name")
                }
                guard keys.insert(key).inserted else {
                    throw malformed(path, format, "line \(line.number)", "\(MessageText.printable(key)) is there twice")
                }
                name = String(line.text[..<end])
            }
            if places[name] == nil {
                places[name] = images.count
                images.append(CaptionedImage(id: images.count + 1, fileName: name, captions: []))
            }
            images[places[name]!].captions.append(caption)
        }
        guard !images.isEmpty else { throw malformed(path, format, "", "there are no captions") }
        return images
    }

    /// Where the `#` and number before the tab begin.
    private static func number(_ line: String) -> String.Index? {
        guard let tab = line.firstIndex(of: "\t"), let mark = line[..<tab].lastIndex(of: "#"), mark > line.startIndex,
            Int(line[line.index(after: mark)..<tab]) != nil
        else { return nil }
        return mark
    }

    private static func malformed(_ path: String, _ format: String, _ place: String, _ found: String) -> DatasetFileError {
        .malformed(path: path, format: format, place: place, found: found)
    }
}
