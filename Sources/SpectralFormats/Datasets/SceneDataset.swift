/// Writes scenes as a folder of images and annotation files.
public enum SceneDataset {
    /// The most scenes one folder takes: image names have six digits.
    public static let mostScenes = 1_000_000
}
