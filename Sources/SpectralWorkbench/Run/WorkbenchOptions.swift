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
    /// File in which the view is kept; nil keeps none.
    public var viewPath: String?
    /// Whether the view in that file is put back at the start, and K and the folders that were opened with it.
    public var restoresView = true, restoresK = true, restoresImages = true

    public init(checkpoint: String, images: [String] = [], k: Int? = nil, cacheFolder: String? = nil) {
        self.checkpoint = checkpoint
        self.images = images
        self.k = k
        self.cacheFolder = cacheFolder
    }
}
