using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Runs;

/// <summary>Memory that truly runs out: the system gives the process no more.</summary>
public sealed class OutOfMemoryTests : IDisposable
{
    private const string Limiter = "/usr/bin/prlimit";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // some seconds alone
    private readonly ToyWorld _world = new(20);

    public void Dispose() => _world.Dispose();

    // The first limit at which the training notices it: a whole batch does not fit, half of one does. Up to seven
    // trainings of some seconds: only with GRAFT_HEAVY=1.
    [Fact]
    public async Task A_batch_that_does_not_fit_into_memory_is_halved_and_the_training_ends()
    {
        RequireLimits();
        Assert.SkipUnless(Environment.GetEnvironmentVariable("GRAFT_HEAVY") == "1", "GRAFT_HEAVY is not 1");
        for (double megabytes = 2000; megabytes > 1000; megabytes *= 0.9)
        {
            Outcome outcome = await Train((long)megabytes);

            Assert.True(
                (outcome.Code, outcome.Error) == (ExitCode.Done, ""),
                $"{megabytes:0} MB: {outcome.Code} {outcome.Error}"
            );
            if (
                outcome.Progress.Contains(
                    "Memory ran out in a batch of 32 images: on with 2 pieces a batch",
                    StringComparison.Ordinal
                )
            )
            {
                return;
            }
        }

        Assert.Skip("memory sufficed");
    }

    // With less than half a batch needs, and with less than ONNX Runtime itself.
    [Theory]
    [InlineData(750)]
    [InlineData(700)]
    public async Task Running_out_of_memory_is_reported_on_one_line(long megabytes)
    {
        RequireLimits();

        Outcome outcome = await Train(megabytes);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains(
            "cannot go on: memory ran out; free some and resume the run",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal
        );
    }

    // Of what a process may write to: address space that is only reserved, as .NET does, is not counted.
    private static void RequireLimits() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Limiter), "no prlimit");

    private Task<Outcome> Train(long megabytes)
    {
        string body = _world.Run("wide.onnx");
        Wide(256).Save(body);
        string[] args =
        [
            $"--data={megabytes << 20}",
            Path.Combine(AppContext.BaseDirectory, "Graft.Cli"),
            "train",
            _world.Images,
            "--out",
            _world.Run($"run{megabytes}"),
            "--body",
            body,
            "--views",
            "0",
            "--train",
            "0.9",
            "--epochs",
            "1",
            "--head-epochs",
            "0",
            "--batch",
            "32",
            "--threads",
            "1",
            "--input-recipe",
            "imagenet",
            "--no-cache",
        ];
        return CliProcess.Start(Limiter, args, s_patience);
    }

    // Pixels → 1x1 convolutions of many channels at full size: much to hold, little to compute.
    private static OnnxModel Wide(int channels)
    {
        OnnxModel model = OnnxModel.Create("wide");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, 96, 96]));
        string edge = "x";
        for (int i = 0; i < 3; i++)
        {
            int inputs = i == 0 ? 3 : channels;
            CountedRandom random = new(7, RandomPurpose.HeadValues, (uint)i);
            model.Graph.Initializer.Add(
                TensorValues.FromSingles(
                    $"w{i}",
                    [channels, inputs, 1, 1],
                    [
                        .. Enumerable
                            .Range(0, channels * inputs)
                            .Select(j => (float)(random.Normal((uint)j) * Math.Sqrt(2.0 / inputs))),
                    ]
                )
            );
            model.Graph.Node.Add(
                new NodeProto
                {
                    OpType = "Conv",
                    Input = { edge, $"w{i}" },
                    Output = { $"c{i}" },
                }
            );
            model.Graph.Node.Add(
                new NodeProto
                {
                    OpType = "Relu",
                    Input = { $"c{i}" },
                    Output = { $"r{i}" },
                }
            );
            edge = $"r{i}";
        }

        model.Graph.Initializer.Add(
            TensorValues.FromSingles(
                "fc",
                [5, channels],
                [.. Enumerable.Range(0, 5 * channels).Select(i => i / (5f * channels))]
            )
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "GlobalAveragePool",
                Input = { edge },
                Output = { "p" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { "p" },
                Output = { "f" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "f", "fc" },
                Output = { "logits" },
            }.WithAttribute("transB", 1)
        );
        model.Graph.Output.Add(EdgeDeclaration.Create("logits", [5]));
        return model;
    }
}
