namespace Graft.Training.Extraction;

/// <summary>An image to extract, with its rows.</summary>
/// <param name="FirstRow">Row of its view 0. Further views follow.</param>
/// <param name="Views">Number of its rows. 0: the image is only decoded, which shows whether it is usable.</param>
/// <param name="KeptViews">Number of views, from the first, that are kept. The others are computed on demand.</param>
internal sealed record ExtractionItem(LabelledImage Image, int FirstRow, int Views, int KeptViews);

/// <summary>Finds the image and view of a row.</summary>
/// <param name="items">Items by rising <see cref="ExtractionItem.FirstRow"/>, without gaps.</param>
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
