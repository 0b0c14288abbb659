/// What the workbench is started with.
public struct WorkbenchOptions: Sendable {
    /// Folder or bundled name of the checkpoint.
    public var checkpoint: String
    /// Folders and image files; empty for the bundled images.
    public var images: [String]
    /// Vision atoms; nil for all.
    public var k: Int?
    /// Where measured use of atoms is kept; nil for memory alone.
    public var cacheFolder: String?

    public init(checkpoint: String, images: [String] = [], k: Int? = nil, cacheFolder: String? = nil) {
        self.checkpoint = checkpoint
        self.images = images
        self.k = k
        self.cacheFolder = cacheFolder
    }
}
