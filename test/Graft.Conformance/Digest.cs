using System.Text.Json;

namespace Graft.Conformance;

/// <summary>
/// A summary of a large tensor in golden files: first values, mean and population standard deviation of each image.
/// </summary>
/// <param name="Shape">Flattened shape: [images, values per image].</param>
/// <param name="First">First values of each image.</param>
/// <param name="Mean">Mean of each image.</param>
/// <param name="Std">Population standard deviation of each image.</param>
internal sealed record Digest(long[] Shape, double[][] First, double[] Mean, double[] Std)
{
    /// <summary>Reads a digest from JSON.</summary>
    public static Digest Read(JsonElement json) =>
        new(
            Numbers(json.GetProperty("shape"), x => x.GetInt64()),
            [.. json.GetProperty("first").EnumerateArray().Select(row => Numbers(row, x => x.GetDouble()))],
            Numbers(json.GetProperty("mean"), x => x.GetDouble()),
            Numbers(json.GetProperty("std"), x => x.GetDouble())
        );

    /// <summary>Describes the first difference; null where there is none.</summary>
    public string? Difference(string name, Values actual, double relative)
    {
        long images = actual.Shape.Count > 0 ? actual.Shape[0] : 1;
        long width = images == 0 ? 0 : actual.Flat.Length / images;
        if (images != Shape[0] || width != Shape[1])
        {
            return $"{name}: the shape is [{images},{width}] and should be [{string.Join(',', Shape)}]";
        }

        for (int image = 0; image < images; image++)
        {
            ReadOnlySpan<double> row = actual.Flat.AsSpan((int)(image * width), (int)width);
            if (RowDifference(image, row, Tolerance.Digest(relative, Std[image])) is { } difference)
            {
                return $"{name}, image {image}: {difference}";
            }
        }

        return null;
    }

    private string? RowDifference(int image, ReadOnlySpan<double> row, Tolerance tolerance)
    {
        for (int i = 0; i < First[image].Length; i++)
        {
            if (!tolerance.Accepts(First[image][i], row[i]))
            {
                return $"value {i} is {row[i]:G9} and should be {First[image][i]:G9}";
            }
        }

        double mean = 0,
            squares = 0;
        foreach (double value in row)
        {
            mean += value / row.Length;
        }

        foreach (double value in row)
        {
            squares += (value - mean) * (value - mean) / row.Length;
        }

        return !tolerance.Accepts(Mean[image], mean) ? $"the mean is {mean:G9} and should be {Mean[image]:G9}"
            : !tolerance.Accepts(Std[image], Math.Sqrt(squares))
                ? $"the standard deviation is {Math.Sqrt(squares):G9} and should be {Std[image]:G9}"
            : null;
    }

    private static T[] Numbers<T>(JsonElement array, Func<JsonElement, T> read) =>
        [.. array.EnumerateArray().Select(read)];
}
