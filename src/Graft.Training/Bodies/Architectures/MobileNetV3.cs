using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// MobileNetV3 (arXiv 1905.02244, tables 1 and 2), with torchvision's names and batch-norm epsilon (0.001).
/// </summary>
internal static class MobileNetV3
{
    private const Activation RE = Activation.Relu;
    private const Activation HS = Activation.HardSwish;

    private sealed record Row(int Kernel, int Expanded, int Channels, bool Squeezes, Activation Activation, int Stride);

    private static readonly Row[] s_large =
    [
        new(3, 16, 16, false, RE, 1),
        new(3, 64, 24, false, RE, 2),
        new(3, 72, 24, false, RE, 1),
        new(5, 72, 40, true, RE, 2),
        new(5, 120, 40, true, RE, 1),
        new(5, 120, 40, true, RE, 1),
        new(3, 240, 80, false, HS, 2),
        new(3, 200, 80, false, HS, 1),
        new(3, 184, 80, false, HS, 1),
        new(3, 184, 80, false, HS, 1),
        new(3, 480, 112, true, HS, 1),
        new(3, 672, 112, true, HS, 1),
        new(5, 672, 160, true, HS, 2),
        new(5, 960, 160, true, HS, 1),
        new(5, 960, 160, true, HS, 1),
    ];

    private static readonly Row[] s_small =
    [
        new(3, 16, 16, true, RE, 2),
        new(3, 72, 24, false, RE, 2),
        new(3, 88, 24, false, RE, 1),
        new(5, 96, 40, true, HS, 2),
        new(5, 240, 40, true, HS, 1),
        new(5, 240, 40, true, HS, 1),
        new(5, 120, 48, true, HS, 1),
        new(5, 144, 48, true, HS, 1),
        new(5, 288, 96, true, HS, 2),
        new(5, 576, 96, true, HS, 1),
        new(5, 576, 96, true, HS, 1),
    ];

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [Make("mobilenet_v3_small", s_small, hidden: 1024), Make("mobilenet_v3_large", s_large, hidden: 1280)];

    private static Architecture Make(string name, Row[] rows, int hidden) =>
        new(name, (net, x) => Features(net, x, rows), (net, x, classCount) => Classifier(net, x, hidden, classCount));

    private static string Features(GraphBuilder net, string x, Row[] rows)
    {
        x = net.ConvNorm(x, "features.0", 16, kernel: 3, HS, stride: 2, epsilon: Blocks.TensorFlowEpsilon);
        for (int i = 0; i < rows.Length; i++)
        {
            x = Block(net, x, $"features.{i + 1}", rows[i]);
        }

        return net.ConvNorm(
            x,
            $"features.{rows.Length + 1}",
            6 * net.ChannelsOf(x),
            kernel: 1,
            HS,
            epsilon: Blocks.TensorFlowEpsilon
        );
    }

    private static string Block(GraphBuilder net, string x, string name, Row row)
    {
        const float Epsilon = Blocks.TensorFlowEpsilon;
        int from = net.ChannelsOf(x);
        int i = 0;
        string y =
            row.Expanded == from
                ? x
                : net.ConvNorm(x, $"{name}.block.{i++}", row.Expanded, kernel: 1, row.Activation, epsilon: Epsilon);
        y = net.ConvNorm(
            y,
            $"{name}.block.{i++}",
            row.Expanded,
            row.Kernel,
            row.Activation,
            row.Stride,
            groups: row.Expanded,
            Epsilon
        );
        if (row.Squeezes)
        {
            y = net.SqueezeExcitation(
                y,
                $"{name}.block.{i++}",
                Blocks.MultipleOf8(row.Expanded / 4),
                e => net.Relu(e),
                e => net.HardSigmoid(e)
            );
        }

        y = net.ConvNorm(y, $"{name}.block.{i}", row.Channels, kernel: 1, Activation.None, epsilon: Epsilon);
        return row.Stride == 1 && from == row.Channels ? net.Add(y, x, name) : y;
    }

    private static string Classifier(GraphBuilder net, string x, int hidden, int classCount)
    {
        x = net.HardSwish(net.Linear(net.GlobalAverage(x), "classifier.0", hidden), "classifier.1");
        return net.Linear(x, "classifier.3", classCount);
    }
}
