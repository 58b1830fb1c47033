namespace Graft.Training.Data;

/// <summary>Finds folders that only hold the folders that count.</summary>
internal static class FolderWrappers
{
    /// <summary>True for a folder around folders of classes or parts.</summary>
    public static bool IsWrapper(FolderNode only) =>
        PartName.Find(only.Name) is null
        && only.OwnImages == 0
        && (
            only.Filled.Count > 1
            || (
                only.Filled is [FolderNode inner]
                && (IsWrapper(inner) || (PartName.Find(inner.Name) is not null && inner.Filled.Count > 0))
            )
        );

    /// <summary>
    /// The folder of a part that holds its classes: in train/images/roses and seg_train/seg_train/roses the inner one,
    /// whose name says nothing.
    /// </summary>
    public static FolderNode InnerOf(FolderNode part)
    {
        while (
            part.OwnImages == 0
            && part.Filled is [FolderNode only]
            && only.OwnImages == 0
            && only.Filled.Count > 0
            && (PartName.Find(only.Name) is not null || PartName.IsFiller(only.Name))
        )
        {
            part = only;
        }

        return part;
    }
}
