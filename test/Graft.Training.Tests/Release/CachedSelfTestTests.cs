using Graft.Prediction;
using Graft.Training.Extraction;
using Graft.Training.Release;

namespace Graft.Training.Tests.Release;

public sealed class CachedSelfTestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _file = TinyClassifier.Network().ToBytes();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cached_self_test_equals_that_of_the_network_bit_by_bit()
    {
        SelfTest made = SelfTest.Create(_file, "tiny", TinyClassifier.Preprocessing);

        SelfTest[] tests = [SelfTestOf(_file), SelfTestOf(_file)];

        Assert.All(tests, test => Assert.Equal((made.Image, made.PixelsSha256), (test.Image, test.PixelsSha256)));
        Assert.All(tests, test => Assert.Equal(made.Expected, test.Expected));
    }

    [Fact]
    public void A_cached_self_test_needs_no_network()
    {
        byte[] unusable = [1, 2, 3]; // ONNX Runtime would refuse it
        byte[] key = CachedSelfTest.KeyOf(_file, TinyClassifier.Preprocessing);
        SelfTest made = SelfTestOf(_file);
        using (ActivationCache cache = Open())
        {
            cache.Add(
                CachedSelfTest.KeyOf(unusable, TinyClassifier.Preprocessing),
                new("any", "test", "Single"),
                cache.Get(key)!
            );
        }

        Assert.Equal(made.Expected, SelfTestOf(unusable).Expected);
    }

    [Fact]
    public void Another_weight_or_input_transform_misses_the_cache()
    {
        byte[] other = [.. _file];
        other[^1] ^= 1;

        byte[] key = CachedSelfTest.KeyOf(_file, TinyClassifier.Preprocessing);

        Assert.NotEqual(key, CachedSelfTest.KeyOf(other, TinyClassifier.Preprocessing));
        Assert.NotEqual(key, CachedSelfTest.KeyOf(_file, TinyClassifier.Preprocessing with { Width = 33 }));
    }

    [Fact]
    public void Bytes_that_are_no_self_test_are_a_miss()
    {
        SelfTest made = SelfTestOf(_file);
        using (ActivationCache cache = Open())
        {
            cache.Add(
                CachedSelfTest.KeyOf(_file, TinyClassifier.Preprocessing),
                new("any", "test", "Single"),
                [1, 2, 3]
            );
        }

        Assert.Equal(made.Expected, SelfTestOf(_file).Expected);
    }

    private SelfTest SelfTestOf(byte[] file)
    {
        using ActivationCache cache = Open();
        return CachedSelfTest.Of(file, "tiny", TinyClassifier.Preprocessing, cache);
    }

    private ActivationCache Open() =>
        ActivationCache.Open(new() { Folder = _folder.Root }, TimeProvider.System, warning => Assert.Fail(warning))!;
}
