namespace Graft.Training;

/// <summary>What the folders in a folder of images are.</summary>
public enum DataLayout
{
    /// <summary>Read off the folders' names and what lies in them. Where that is unclear, reading stops.</summary>
    Auto,

    /// <summary>Parts, such as train and test, with one subfolder per class each.</summary>
    Parts,

    /// <summary>Classes, whatever they are called.</summary>
    Classes,
}
