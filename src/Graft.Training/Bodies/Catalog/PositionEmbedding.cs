using System.Runtime.InteropServices;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>
/// Position embeddings of vision transformers for another grid of patches than that of their pretraining.
/// </summary>
internal static class PositionEmbedding
{
    private const string Name = "pos_embed";

    // PyTorch's coefficient of cubic convolution with antialiasing (Keys 1981), as in Pillow.
    private const double Sharpness = -0.5;

    /// <summary>The file with its position embedding resampled to the network's grid, where the grids differ.</summary>
    /// <param name="file">The weights; names are those of the network.</param>
    /// <param name="shapes">The network's shapes by name; that of the embedding is 1, tokens, channels.</param>
    /// <param name="rows">Patches of a column of the image.</param>
    /// <param name="columns">Patches of a row of the image.</param>
    public static WeightFile Fit(
        WeightFile file,
        IReadOnlyDictionary<string, IReadOnlyList<long>> shapes,
        int rows,
        int columns
    )
    {
        IReadOnlyList<long> shape = shapes[Name];
        if (
            !file.Tensors.TryGetValue(Name, out WeightTensor? tensor)
            || tensor.Shape.SequenceEqual(shape)
            || tensor.Shape is not [1, var tokens, var channels]
            || channels != shape[2]
        )
        {
            return file;
        }

        int first = (int)shape[1] - (rows * columns); // tokens without a place: the class token, or none
        int side = (int)Math.Round(Math.Sqrt(tokens - first));
        if (first < 0 || side < 1 || ((long)side * side) + first != tokens)
        {
            return file; // the match names the difference
        }

        float[] values = Resample(tensor.ToSingles(), first, side, rows, columns, (int)channels);
        Dictionary<string, WeightTensor> tensors = new(file.Tensors)
        {
            [Name] = new(Name, WeightType.Float32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()),
        };
        return file with { Tensors = tensors };
    }

    /// <summary>
    /// Resamples the places of a square grid by antialiased cubic convolution, as timm's resample_abs_pos_embed does.
    /// </summary>
    /// <param name="values">Tokens x channels, row by row.</param>
    /// <param name="first">Tokens before the grid, which are kept.</param>
    /// <param name="side">Rows and columns of the grid.</param>
    /// <param name="rows">Rows of the new grid.</param>
    /// <param name="columns">Columns of the new grid.</param>
    /// <param name="channels">Channels of a token.</param>
    /// <returns>The first tokens, then rows x columns tokens.</returns>
    public static float[] Resample(float[] values, int first, int side, int rows, int columns, int channels)
    {
        float[] result = new float[(first + (rows * columns)) * channels];
        values.AsSpan(0, first * channels).CopyTo(result);
        double[][] down = Weights(side, rows);
        double[][] across = Weights(side, columns);
        double[] middle = new double[side * columns * channels]; // [side,columns,C]
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                for (int from = 0; from < side; from++)
                {
                    double weight = across[column][from];
                    int source = (first + (row * side) + from) * channels;
                    int target = ((row * columns) + column) * channels;
                    for (int c = 0; weight != 0 && c < channels; c++)
                    {
                        middle[target + c] += weight * values[source + c];
                    }
                }
            }
        }

        Span<double> sum = new double[channels];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                sum.Clear();
                for (int from = 0; from < side; from++)
                {
                    double weight = down[row][from];
                    int source = ((from * columns) + column) * channels;
                    for (int c = 0; weight != 0 && c < channels; c++)
                    {
                        sum[c] += weight * middle[source + c];
                    }
                }

                int target = (first + (row * columns) + column) * channels;
                for (int c = 0; c < channels; c++)
                {
                    result[target + c] = (float)sum[c];
                }
            }
        }

        return result;
    }

    // For each position of the result, the weights of the source's positions. The kernel widens where the grid
    // shrinks, and weights beyond the border are shared among the others.
    private static double[][] Weights(int from, int to)
    {
        double scale = (double)from / to;
        double width = Math.Max(scale, 1);
        double[][] weights = new double[to][];
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * scale;
            double[] row = [.. Enumerable.Range(0, from).Select(j => Cubic((j + 0.5 - centre) / width))];
            double sum = row.Sum();
            weights[i] = [.. row.Select(weight => weight / sum)];
        }

        return weights;
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? ((((Sharpness + 2) * x) - (Sharpness + 3)) * x * x) + 1
            : x < 2 ? Sharpness * ((((x - 5) * x + 8) * x) - 4)
            : 0;
    }
}
