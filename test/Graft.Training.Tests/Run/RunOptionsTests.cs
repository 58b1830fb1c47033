using System.Text;
using System.Text.Json;
using Graft.Imaging;
using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed class RunOptionsTests
{
    private static readonly TrainingOptions s_unusual = new()
    {
        Body = BodySource.OnnxFile("own.onnx") with { Weights = "w.safetensors", InputSize = 96 },
        Data = new() { Layout = DataLayout.Parts, Encoding = "windows-1252", GroupBy = "(p\\d+)" },
        Seed = 7,
        Views = 3,
        Balance = Balance.Sampling,
        Head = new() { Hidden = [256, 64], Dropout = 0.25, Start = HeadStart.Random },
        HeadTraining = new() { Epochs = 4, Rate = 0.01 },
        FineTune = new() { Train = TrainedPart.FromEdge("layer4"), EmaDecay = 0.5 },
        Budget = TimeSpan.FromMinutes(5),
        Limits = new() { FolderDepth = 3, Image = new() { Side = 100 } },
        Engine = Engine.Torch,
    };

    [Fact]
    public void What_is_written_is_read()
    {
        RunOptions options = new("/images", s_unusual) { TorchThreads = 2, WorkingFolder = "/here" };

        string json = Write(options);

        Assert.Equal(json, Write(Read(json)));
    }

    // A change would make a new key of every checkpoint, and another recipe in every card.
    [Fact]
    public void The_generated_writer_writes_what_reflection_would()
    {
        RunOptions options = new("/images", s_unusual) { TorchThreads = 2, ImagesAreObjects = true };

        Assert.Equal(JsonSerializer.Serialize(options, TrainingRun.Json), Write(options));
    }

    [Fact]
    public void Options_that_the_file_does_not_name_have_their_defaults()
    {
        RunOptions read = Read("""{"images": "/images", "options": {"seed": 7, "limits": {"image": {"side": 100}}}}""");

        TrainingOptions expected = new() { Seed = 7, Limits = new() { Image = new DecodeLimits { Side = 100 } } };
        Assert.Equal(expected, read.Options);
    }

    [Fact]
    public void Options_that_are_not_written_keep_their_defaults()
    {
        RunOptions read = Read(Write(new("/images", s_unusual)));

        Assert.Equal(new TrainingOptions().CheckpointMinutes, read.Options.CheckpointMinutes);
        Assert.Equal(new TrainingOptions().Cache, read.Options.Cache);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"images": "/images"}""")]
    [InlineData("""{"images": "/images", "options": null}""")]
    [InlineData("""{"images": "/images", "options": {"head": null}}""")]
    [InlineData("""{"images": "/images", "options": {"seed": "seven"}}""")]
    [InlineData("""{"images": "/images", "options": {"seed": 1, "seed": 2}}""")]
    public void What_Graft_does_not_write_is_refused(string json)
    {
        Assert.ThrowsAny<JsonException>(() => Read(json));
    }

    private static string Write(RunOptions options) =>
        JsonSerializer.Serialize(options, RunOptionsJson.Instance.RunOptions);

    private static RunOptions Read(string json) => RunOptionsJson.Parse(Encoding.UTF8.GetBytes(json));
}
