using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Features;

namespace Graft.Training.Tests.Features;

[Collection("torch")]
public sealed class EngineTests
{
    private const int Side = 96;

    [Fact]
    public void Both_engines_give_the_same_features_but_for_bfloat16s_rounding()
    {
        OnnxModel network = Network();
        float[] pixels = Pixels(2);
        using OnnxPrefix onnx = new(network.ToBytes(), "test", Side, Side);
        using TorchPrefix torch = new(network, Side, Side);

        float[] single = onnx.Run(pixels, 2)[0], half = torch.Run(pixels, 2)[0];

        Assert.Equal(single.Length, half.Length);
        double product = single.Zip(half).Sum(pair => (double)pair.First * pair.Second);
        double cosine = product / Math.Sqrt(single.Sum(x => (double)x * x) * half.Sum(x => (double)x * x));
        Assert.InRange(cosine, 0.999, 0.9999999);   // not the same: the second is bfloat16
    }

    [Fact]
    public void An_image_has_the_same_bits_in_any_batch_and_on_any_thread()
    {
        OnnxModel network = Network();
        float[] pixels = Pixels(5);
        int one = pixels.Length / 5;
        using TorchPrefix prefix = new(network, Side, Side);
        float[] all = prefix.Run(pixels, 5)[0];
        float[]?[] found = new float[20][];

        Workers.Run([.. Enumerable.Range(0, found.Length)], threads: 4, i => found[i] = prefix.Run(pixels.AsSpan(i % 5 * one, one).ToArray(), 1)[0], CancellationToken.None);

        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(all.AsSpan(i % 5 * found[i]!.Length, found[i]!.Length).ToArray(), found[i]);
        }
    }

    [Fact]
    public void Their_values_are_kept_apart() => Assert.NotEqual(EngineChoice.Fingerprint(Engine.OnnxRuntime), EngineChoice.Fingerprint(Engine.Torch));

    [Fact]
    public void Operators_that_libtorch_is_not_taught_are_left_to_onnx_runtime()
    {
        OnnxModel network = Network();
        Assert.Equal(Engine.Torch, EngineChoice.For(network, Engine.Torch));
        network.Graph.Node[^1].OpType = "NonMaxSuppression";
        Assert.Equal(Engine.OnnxRuntime, EngineChoice.For(network, Engine.Torch));
    }

    [Fact]
    public void What_a_worker_throws_comes_out_and_ends_the_others()
    {
        int done = 0;
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Workers.Run([.. Enumerable.Range(0, 1000)], 3, i =>
        {
            Interlocked.Increment(ref done);
            if (i == 5)
            {
                throw new InvalidOperationException("five");
            }

            Thread.Sleep(1);
        }, CancellationToken.None));
        Assert.Equal("five", error.Message);
        Assert.InRange(done, 6, 999);
    }

    // The embedded body on small images, pooled.
    private static OnnxModel Network()
    {
        TrainableBody body = TrainableBody.Load(new TrainingOptions());
        OnnxModel pooled = Graft.Training.Heads.HeadBuilder.AppendPooling(body.Model, body.Seam, Graft.Training.Heads.Pooling.Average);
        return Normalisation.Prepend(pooled, body.Preprocessing with { Height = Side, Width = Side });
    }

    private static float[] Pixels(int count) => [.. Enumerable.Range(0, count * 3 * Side * Side).Select(i => (float)(int)(127.5 + (127 * Math.Sin(i * 0.013 * (1 + (i / (3 * Side * Side)))))))];
}
