using System.ComponentModel;

namespace Graft.Infrastructure;

/// <summary>
/// The purpose of a random number. The values affect the numbers that a seed gives: add at the end, never reorder.
/// </summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum RandomPurpose : uint
{
    /// <summary>Splitting images into parts.</summary>
    Split = 1,

    /// <summary>Drawing augmented views.</summary>
    View = 2,

    /// <summary>Ordering images into batches.</summary>
    BatchOrder = 3,

    /// <summary>Dropout masks.</summary>
    Dropout = 4,

    /// <summary>Initial weights of a head.</summary>
    HeadValues = 5,

    /// <summary>Assigning images to folds.</summary>
    Folds = 6,

    /// <summary>Choosing the view of an image in an epoch.</summary>
    ViewChoice = 7,

    /// <summary>Ordering images with balanced classes.</summary>
    BalancedOrder = 8,

    /// <summary>Choosing the images for a search.</summary>
    SearchedImages = 9,

    /// <summary>Drawing images with replacement, for intervals.</summary>
    Bootstrap = 10,
}
