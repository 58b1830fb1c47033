namespace Graft.Onnx;

/// <content>Pooling.</content>
public sealed partial class GraphBuilder
{
    /// <summary>The maximum over square windows.</summary>
    /// <param name="x">The input edge, a map.</param>
    /// <param name="kernel">Side of the window in pixels.</param>
    /// <param name="stride">Step of the window in pixels.</param>
    /// <param name="padding">Pixels on each side.</param>
    /// <param name="ceiling">Whether a last window beyond the border counts (PyTorch's ceil_mode).</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    /// <exception cref="OnnxException">The map is smaller than the window.</exception>
    public string MaxPool(string x, int kernel, int stride, int padding = 0, bool ceiling = false, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        EdgeShape from = ShapeOf(x);
        NodeProto node = Node("MaxPool", name ?? UniqueName(x, "maxpool"), x);
        Window(node, kernel, stride, padding).WithAttribute("ceil_mode", ceiling ? 1L : 0L);
        int Size(int size) => PooledSize(size, kernel, stride, padding, ceiling);
        return Register(node, Map(node.Name, from.Channels, Size(from.Height), Size(from.Width)));
    }

    /// <summary>The mean over square windows.</summary>
    /// <param name="x">The input edge, a map.</param>
    /// <param name="kernel">Side of the window in pixels.</param>
    /// <param name="stride">Step of the window in pixels.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    /// <exception cref="OnnxException">The map is smaller than the window.</exception>
    public string AveragePool(string x, int kernel, int stride, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        EdgeShape from = ShapeOf(x);
        NodeProto node = Window(
            Node("AveragePool", name ?? UniqueName(x, "averagepool"), x),
            kernel,
            stride,
            padding: 0
        );
        int Size(int size) => PooledSize(size, kernel, stride, padding: 0, ceiling: false);
        return Register(node, Map(node.Name, from.Channels, Size(from.Height), Size(from.Width)));
    }

    /// <summary>The mean over height and width as a map of 1 x 1.</summary>
    /// <param name="x">The input edge, a map.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string GlobalAveragePool(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        NodeProto node = Node("GlobalAveragePool", name ?? UniqueName(x, "mean"), x);
        return Register(node, new EdgeShape(ChannelsOf(x), 1, 1));
    }

    /// <summary>
    /// The mean over height and width as a vector: <see cref="GlobalAveragePool"/>, then <see cref="Flatten"/>.
    /// </summary>
    /// <param name="x">The input edge, a map.</param>
    /// <param name="name">Name of the pooling node; null for a generated name.</param>
    public string GlobalAverage(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Flatten(GlobalAveragePool(x, name));
    }

    /// <summary>
    /// PyTorch's AdaptiveAvgPool2d: output row i is the mean of the rows floor(i h / size) up to
    /// ceil((i + 1) h / size).
    /// </summary>
    /// <remarks>
    /// Writes no node if the map has that size, and a plain pooling if the windows do not overlap. Otherwise writes a
    /// product with a matrix of window weights on each side, also for maps smaller than the output.
    /// </remarks>
    /// <param name="x">The input edge, a map.</param>
    /// <param name="size">Height and width of the output.</param>
    /// <param name="name">Name of the node and its output.</param>
    public string AdaptiveAveragePool(string x, int size, string name)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
        EdgeShape from = ShapeOf(x);
        if (from.Height == size && from.Width == size)
        {
            return x;
        }

        EdgeShape to = new(from.Channels, size, size);
        if (from.Height % size == 0 && from.Width % size == 0)
        {
            long[] window = [from.Height / size, from.Width / size];
            return Register(
                Node("AveragePool", name, x).WithAttribute("kernel_shape", window).WithAttribute("strides", window),
                to
            );
        }

        string rows = Constant($"pool{from.Height}to{size}", Windows(from.Height, size), size, from.Height); // [size,H]
        string columns = Constant(
            $"pool{size}from{from.Width}",
            Transposed(Windows(from.Width, size), size),
            from.Width,
            size
        ); // [W,size]
        string pooled = Node("MatMul", $"{name}/rows", rows, x).Name; // [N,C,size,W]
        return Register(Node("MatMul", name, pooled, columns), to);
    }

    // Row i holds 1 / length at the positions of window i.
    private static float[] Windows(int from, int to)
    {
        float[] weights = new float[to * from];
        for (int i = 0; i < to; i++)
        {
            int start = i * from / to;
            int end = CeilingOf((i + 1) * from, to);
            Array.Fill(weights, 1f / (end - start), (i * from) + start, end - start);
        }

        return weights;
    }

    private static float[] Transposed(float[] matrix, int rows)
    {
        int columns = matrix.Length / rows;
        float[] transposed = new float[matrix.Length];
        for (int i = 0; i < matrix.Length; i++)
        {
            transposed[((i % columns) * rows) + (i / columns)] = matrix[i];
        }

        return transposed;
    }

    private static NodeProto Window(NodeProto node, int kernel, int stride, int padding) =>
        node.WithAttribute("kernel_shape", [kernel, kernel])
            .WithAttribute("strides", [stride, stride])
            .WithAttribute("pads", [padding, padding, padding, padding]);

    // PyTorch's rule: with ceiling, a window that starts in the padding at the end does not count
    // (torch/aten/src/ATen/native/Pool.h).
    private static int PooledSize(int size, int kernel, int stride, int padding, bool ceiling)
    {
        int span = size + (2 * padding) - kernel;
        int count = span < 0 ? 0 : (ceiling ? CeilingOf(span, stride) : span / stride) + 1;
        return ceiling && (count - 1) * stride >= size + padding ? count - 1 : count;
    }
}
