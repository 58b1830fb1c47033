namespace Graft.Training;

/// <summary>How a converted set of images lies on disk.</summary>
public enum ImageSetLayout
{
    /// <summary>
    /// A folder a class, within train, val and test where the images have parts. Images have one label each.
    /// </summary>
    Folders,

    /// <summary>
    /// One folder of images, and images.csv with the columns path, label, split and group; labels instead of label
    /// where an image may have several.
    /// </summary>
    Csv,

    /// <summary>
    /// WebDataset shards: tar archives with a .cls and a .json file beside each image; a .json file alone where an
    /// image may have several labels.
    /// </summary>
    Shards,
}
