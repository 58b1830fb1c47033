namespace Graft.Training;

/// <summary>How a converted set of images lies on disk.</summary>
public enum ImageSetLayout
{
    /// <summary>A folder a class, within train, val and test where the images have parts.</summary>
    Folders,

    /// <summary>One folder of images, and images.csv with the columns path, label, split and group.</summary>
    Csv,

    /// <summary>WebDataset shards: tar archives with a .cls and a .json file beside each image.</summary>
    Shards,
}
