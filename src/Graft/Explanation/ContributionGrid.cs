namespace Graft.Explanation;

/// <summary>
/// Sums contributions of maps of several sizes on one grid. What lies across two cells is shared between them, so that
/// the sum over the grid is the sum over the maps.
/// </summary>
internal sealed class ContributionGrid(int width, int height)
{
    /// <summary>The sums, row-major, [H,W].</summary>
    public double[] Values { get; } = new double[width * height];

    /// <summary>Adds the contributions of one map.</summary>
    /// <param name="contributions">Row-major, [H,W] of the map.</param>
    /// <param name="mapWidth">Columns of the map.</param>
    public void Add(double[] contributions, int mapWidth)
    {
        int mapHeight = contributions.Length / mapWidth;
        for (int y = 0; y < mapHeight; y++)
        {
            foreach ((int row, double rowShare) in Cells(y, mapHeight, height))
            {
                for (int x = 0; x < mapWidth; x++)
                {
                    foreach ((int column, double columnShare) in Cells(x, mapWidth, width))
                    {
                        Values[(row * width) + column] += contributions[(y * mapWidth) + x] * rowShare * columnShare;
                    }
                }
            }
        }
    }

    // The cells that a place lies in, and the share of it in each.
    private static IEnumerable<(int Cell, double Share)> Cells(int place, int places, int cells)
    {
        double scale = (double)cells / places;
        double start = place * scale;
        double end = (place + 1) * scale;
        for (int cell = (int)start; cell < cells && cell < end - 1e-9; cell++)
        {
            yield return (cell, (Math.Min(end, cell + 1) - Math.Max(start, cell)) / scale);
        }
    }
}
