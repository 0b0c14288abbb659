// Records of the COCO captions and instances files. Keys are written in snake case (`imageId` as `image_id`).
// Source: the COCO data format, https://cocodataset.org/#format-data

/// Where a data set comes from; the head of COCO and VQA files.
public struct DatasetInfo: Sendable, Equatable, Codable {
    public var description: String
    public var version: String

    public init(description: String, version: String) {
        self.description = description
        self.version = version
    }
}

/// An image of a COCO file.
public struct ImageRecord: Sendable, Equatable, Codable {
    public var id: Int
    /// Relative to the folder of the file.
    public var fileName: String
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int

    public init(id: Int, fileName: String, width: Int, height: Int) {
        self.id = id
        self.fileName = fileName
        self.width = width
        self.height = height
    }
}

/// A caption of a COCO captions file.
public struct CaptionRecord: Sendable, Equatable, Codable {
    public var id: Int
    public var imageId: Int
    public var caption: String

    public init(id: Int, imageId: Int, caption: String) {
        self.id = id
        self.imageId = imageId
        self.caption = caption
    }
}

/// A box of a COCO instances file.
public struct BoxRecord: Sendable, Equatable, Codable {
    public var id: Int
    public var imageId: Int
    public var categoryId: Int
    /// Left edge, top edge, width and height in pixels.
    public var bbox: [Int]
    /// Pixels that show the object.
    public var area: Int
    public var iscrowd: Int

    public init(id: Int, imageId: Int, categoryId: Int, box: SceneBox, area: Int) {
        self.id = id
        self.imageId = imageId
        self.categoryId = categoryId
        bbox = [box.x, box.y, box.width, box.height]
        self.area = area
        iscrowd = 0
    }
}

/// A category of a COCO instances file; for grounding, a phrase.
public struct CategoryRecord: Sendable, Equatable, Codable {
    public var id: Int
    public var name: String

    public init(id: Int, name: String) {
        self.id = id
        self.name = name
    }
}
