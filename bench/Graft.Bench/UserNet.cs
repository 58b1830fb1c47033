using Graft.Onnx;
using Graft.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Bench;

/// <summary>
/// A network in TorchSharp's modules, as a user would write it: N,C,H,W order, float32, separate batch normalisation.
/// It gets the weights of one of Graft's bodies by name, so both compute the same.
/// </summary>
internal sealed class UserNet : Module<Tensor, Tensor>
{
    private readonly Dictionary<string, Module<Tensor, Tensor>> _parts = [];
    private Func<Tensor, Tensor> _features = x => x;

    private UserNet(string name)
        : base(name) { }

    /// <summary>[N,3,H,W] normalised to the body's last map.</summary>
    public override Tensor forward(Tensor input) => _features(input);

    /// <summary>True if this file has the body.</summary>
    public static bool Knows(string body) => body is "efficientnet_lite0" or "vgg16" or "resnet50";

    /// <summary>Builds a network.</summary>
    /// <param name="body">Name of a body that it <see cref="Knows"/>.</param>
    /// <param name="weights">A network with the same weights. Null: random weights.</param>
    /// <param name="isChannelsLast">True for kernels in N,H,W,C order in memory, which is faster.</param>
    public static UserNet Of(string body, OnnxModel? weights, bool isChannelsLast = false)
    {
        UserNet net = new(body);
        net._features = body switch
        {
            "efficientnet_lite0" => net.Lite0(),
            "vgg16" => net.Vgg16(),
            "resnet50" => net.ResNet50(),
            _ => throw new ArgumentException($"'{body}' is not written here", nameof(body)),
        };
        if (weights is not null)
        {
            net.Fill(weights);
        }

        if (isChannelsLast)
        {
            foreach (Conv2d convolution in net._parts.Values.OfType<Conv2d>())
            {
                convolution.weight = new Parameter(ChannelsLast.Of(convolution.weight!.detach()).clone());
            }
        }

        net.eval();
        return net;
    }

    /// <summary>
    /// Freezes all layers whose names have none of the prefixes, and returns the parameters of the others.
    /// </summary>
    public IReadOnlyList<Parameter> TrainOnly(params string[] prefixes)
    {
        foreach ((string name, Module<Tensor, Tensor> part) in _parts)
        {
            bool isTrained = Array.Exists(prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
            foreach (Parameter parameter in part.parameters())
            {
                parameter.requires_grad = isTrained;
            }
        }

        return [.. _parts.Values.SelectMany(part => part.parameters()).Where(parameter => parameter.requires_grad)];
    }

    private void Fill(OnnxModel model)
    {
        Dictionary<string, TensorProto> values = model.Graph.Initializer.ToDictionary(w => w.Name);
        using IDisposable frozen = no_grad();
        foreach ((string name, Module<Tensor, Tensor> part) in _parts)
        {
            IEnumerable<(string Name, Tensor Tensor)> tensors =
            [
                .. part.named_parameters().Select(p => (p.name, (Tensor)p.parameter)),
                .. part.named_buffers().Where(b => b.name != "num_batches_tracked").Select(b => (b.name, b.buffer)),
            ];
            foreach ((string kind, Tensor target) in tensors)
            {
                target.copy_(tensor(TensorValues.ToSingles(values[$"{name}.{kind}"])).view(target.shape));
            }
        }
    }

    private Module<Tensor, Tensor> Add(string name, Module<Tensor, Tensor> part)
    {
        register_module(name.Replace('.', '_'), part);
        _parts.Add(name, part);
        return part;
    }

    private Func<Tensor, Tensor> Conv(
        string name,
        int from,
        int to,
        int kernel,
        int stride = 1,
        int padding = 0,
        int groups = 1,
        bool bias = false
    )
    {
        Module<Tensor, Tensor> part = Add(name, Conv2d(from, to, kernel, stride, padding, groups: groups, bias: bias));
        return part.call;
    }

    private Func<Tensor, Tensor> Norm(string name, int channels, double epsilon = 1e-5)
    {
        Module<Tensor, Tensor> part = Add(name, BatchNorm2d(channels, eps: epsilon));
        return part.call;
    }

    private Func<Tensor, Tensor> Lite0()
    {
        List<Func<Tensor, Tensor>> blocks = [ConvNorm("conv_stem", "bn1", 3, 32, 3, 2)];
        (int Repeats, int Kernel, int Stride, int Expansion, int Channels)[] stages =
        [
            (1, 3, 1, 1, 16),
            (2, 3, 2, 6, 24),
            (2, 5, 2, 6, 40),
            (3, 3, 2, 6, 80),
            (3, 5, 1, 6, 112),
            (4, 5, 2, 6, 192),
            (1, 3, 1, 6, 320),
        ];
        int from = 32;
        for (int s = 0; s < stages.Length; s++)
        {
            var stage = stages[s];
            for (int i = 0; i < stage.Repeats; i++)
            {
                blocks.Add(
                    Block(
                        $"blocks.{s}.{i}",
                        from,
                        stage.Channels,
                        stage.Kernel,
                        i == 0 ? stage.Stride : 1,
                        stage.Expansion
                    )
                );
                from = stage.Channels;
            }
        }

        blocks.Add(ConvNorm("conv_head", "bn2", from, 1280, 1, 1));
        return x => blocks.Aggregate(x, (y, block) => block(y));

        Func<Tensor, Tensor> Block(string name, int from, int to, int kernel, int stride, int expansion)
        {
            int wide = from * expansion;
            List<Func<Tensor, Tensor>> steps =
                expansion == 1
                    ?
                    [
                        ConvNorm($"{name}.conv_dw", $"{name}.bn1", from, from, kernel, stride, from),
                        ConvNorm($"{name}.conv_pw", $"{name}.bn2", from, to, 1, 1, isLinear: true),
                    ]
                    :
                    [
                        ConvNorm($"{name}.conv_pw", $"{name}.bn1", from, wide, 1, 1),
                        ConvNorm($"{name}.conv_dw", $"{name}.bn2", wide, wide, kernel, stride, wide),
                        ConvNorm($"{name}.conv_pwl", $"{name}.bn3", wide, to, 1, 1, isLinear: true),
                    ];
            bool isResidual = stride == 1 && from == to;
            return x =>
            {
                Tensor y = steps.Aggregate(x, (y, step) => step(y));
                return isResidual ? y.Plus(x) : y;
            };
        }

        Func<Tensor, Tensor> ConvNorm(
            string conv,
            string norm,
            int from,
            int to,
            int kernel,
            int stride,
            int groups = 1,
            bool isLinear = false
        )
        {
            Func<Tensor, Tensor> convolve = Conv(conv, from, to, kernel, stride, groups: groups);
            Func<Tensor, Tensor> normalise = Norm(norm, to, 1e-3);
            return x =>
            {
                // TensorFlow's padding fills the last window; an odd pixel goes to the end.
                long missing = Math.Max(0, (((x.shape[2] + stride - 1) / stride) - 1) * stride + kernel - x.shape[2]);
                Tensor padded =
                    missing == 0
                        ? x
                        : functional.pad(
                            x,
                            [missing / 2, missing - (missing / 2), missing / 2, missing - (missing / 2)]
                        );
                Tensor y = normalise(convolve(padded));
                return isLinear ? y : functional.relu6(y);
            };
        }
    }

    private Func<Tensor, Tensor> Vgg16()
    {
        List<Func<Tensor, Tensor>> layers = [];
        int from = 3,
            index = 0;
        foreach (int width in (int[])[64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0])
        {
            if (width == 0)
            {
                layers.Add(x => functional.max_pool2d(x, 2, 2));
                index++;
                continue;
            }

            Func<Tensor, Tensor> convolve = Conv($"features.{index}", from, width, 3, padding: 1, bias: true);
            layers.Add(x => functional.relu(convolve(x)));
            (from, index) = (width, index + 2);
        }

        return x => layers.Aggregate(x, (y, layer) => layer(y));
    }

    private Func<Tensor, Tensor> ResNet50()
    {
        Func<Tensor, Tensor> stem = Conv("conv1", 3, 64, 7, 2, 3),
            stemNorm = Norm("bn1", 64);
        List<Func<Tensor, Tensor>> blocks = [];
        int from = 64;
        (int Blocks, int Width, int Stride)[] layers = [(3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)];
        for (int l = 0; l < layers.Length; l++)
        {
            for (int b = 0; b < layers[l].Blocks; b++)
            {
                blocks.Add(Bottleneck($"layer{l + 1}.{b}", from, layers[l].Width, b == 0 ? layers[l].Stride : 1));
                from = 4 * layers[l].Width;
            }
        }

        return x =>
            blocks.Aggregate(functional.max_pool2d(functional.relu(stemNorm(stem(x))), 3, 2, 1), (y, block) =>
                block(y)
            );

        Func<Tensor, Tensor> Bottleneck(string name, int from, int width, int stride)
        {
            Func<Tensor, Tensor> c1 = Conv($"{name}.conv1", from, width, 1),
                n1 = Norm($"{name}.bn1", width);
            Func<Tensor, Tensor> c2 = Conv($"{name}.conv2", width, width, 3, stride, 1),
                n2 = Norm($"{name}.bn2", width);
            Func<Tensor, Tensor> c3 = Conv($"{name}.conv3", width, 4 * width, 1),
                n3 = Norm($"{name}.bn3", 4 * width);
            bool isProjected = stride != 1 || from != 4 * width;
            Func<Tensor, Tensor> shortcut = isProjected
                ? Conv($"{name}.downsample.0", from, 4 * width, 1, stride)
                : x => x;
            Func<Tensor, Tensor> shortcutNorm = isProjected ? Norm($"{name}.downsample.1", 4 * width) : x => x;
            return x =>
                functional.relu(
                    n3(c3(functional.relu(n2(c2(functional.relu(n1(c1(x)))))))).Plus(shortcutNorm(shortcut(x)))
                );
        }
    }
}
