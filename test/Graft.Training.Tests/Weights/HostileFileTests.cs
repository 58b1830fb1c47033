using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class HostileFileTests
{
    [Fact]
    public void No_damaged_safetensors_file_crashes_hangs_or_exceeds_the_memory_limit()
    {
        int readable = Mutations.AssertAllSurvive(["small.safetensors"], SafetensorsFile.Read);

        Assert.InRange(readable, 1, Mutations.Count - 1);
    }

    [Fact]
    public void No_damaged_torch_file_crashes_hangs_or_exceeds_the_memory_limit()
    {
        string[] corpus =
        [
            "zip.pth",
            "legacy.pth",
            "strided.pth",
            "bfloat16.pth",
            "checkpoint_parallel.pth",
            "parameters.pth",
        ];

        int readable = Mutations.AssertAllSurvive(corpus, TorchFile.Read);

        Assert.InRange(readable, 1, Mutations.Count - 1);
        Assert.False(File.Exists("GRAFT_WAS_HERE"));
    }

    [Fact]
    public void No_damaged_keras_file_crashes_hangs_or_exceeds_the_memory_limit()
    {
        string[] corpus = ["keras2_whole_model.h5", "keras3.weights.h5", "keras3.keras"];

        int readable = Mutations.AssertAllSurvive(corpus, KerasFile.Read);

        Assert.InRange(readable, 1, Mutations.Count - 1);
    }

    [Fact]
    public void No_damaged_file_of_any_format_crashes_the_choice_of_the_reader()
    {
        string[] corpus = ["small.safetensors", "zip.pth", "legacy.pth", "keras2_whole_model.h5", "keras3.keras"];

        Mutations.AssertAllSurvive(corpus, WeightFile.Read);
    }
}
