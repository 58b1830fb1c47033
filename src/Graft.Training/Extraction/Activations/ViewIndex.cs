namespace Graft.Training.Extraction;

/// <summary>An image to extract, and in which views.</summary>
/// <param name="FirstRow">Of its view 0; further views follow.</param>
/// <param name="Views">Rows that it has. 0: the image is only decoded, to know that it can be; its pixels are thrown
/// away.</param>
/// <param name="KeptViews">The first so many of the views are computed in one pass and kept; the others each time they
/// are
/// asked for.</param>
internal sealed record ExtractionItem(LabelledImage Image, int FirstRow, int Views, int KeptViews);

/// <summary>Which image and view a row is of.</summary>
/// <param name="items">By rising <see cref="ExtractionItem.FirstRow"/>, without gaps.</param>
internal sealed class ViewIndex(IReadOnlyList<ExtractionItem> items)
{
    private readonly ExtractionItem[] _items = [.. items.Where(item => item.Views > 0)];
    private readonly int[] _firsts = [.. items.Where(item => item.Views > 0).Select(item => item.FirstRow)];

    public IReadOnlyList<ExtractionItem> Items => items;

    public int RowCount { get; } = items.Sum(item => item.Views);

    public (ExtractionItem Item, int View) Find(int row)
    {
        int found = Array.BinarySearch(_firsts, row);
        ExtractionItem item = _items[found >= 0 ? found : ~found - 1];
        return (item, row - item.FirstRow);
    }
}
