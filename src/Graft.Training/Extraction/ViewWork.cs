namespace Graft.Training.Extraction;

/// <summary>The rows that one pass over the images computes.</summary>
/// <param name="items">The images.</param>
/// <param name="views">Their views.</param>
/// <param name="stores">One store for each output of the prefix, in its order.</param>
internal sealed class ViewWork(
    IEnumerable<ExtractionItem> items,
    ViewRange views,
    IReadOnlyList<ActivationStore> stores
)
{
    /// <summary>The images.</summary>
    public IEnumerable<ExtractionItem> Items => items;

    /// <summary>The views.</summary>
    public ViewRange Views => views;

    /// <summary>One store for each output of the prefix, in its order.</summary>
    public IReadOnlyList<ActivationStore> Stores => stores;

    /// <summary>The views of an image that some store lacks.</summary>
    public int[] Missing(ExtractionItem item)
    {
        int end = Math.Min(views.End, Math.Min(item.Views, item.KeptViews));
        return
        [
            .. Enumerable
                .Range(views.First, Math.Max(0, end - views.First))
                .Where(view => stores.Any(store => store.IsViewKept(view) && !store.Contains(item.FirstRow + view))),
        ];
    }
}
