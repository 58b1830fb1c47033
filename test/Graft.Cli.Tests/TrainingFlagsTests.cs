using System.CommandLine;
using Graft.Cli.Verbs;
using Graft.Training;
using Microsoft.Extensions.Time.Testing;

namespace Graft.Cli.Tests;

public sealed class TrainingFlagsTests
{
    [Fact]
    public void Without_options_they_are_those_of_the_library()
    {
        TrainingOptions options = Read(isTuning: true, "");

        TrainingOptions expected = new() { Head = options.Head, MemoryPolicy = MemoryPolicy.ManageProcess };
        Assert.Equal(expected, options);
        Assert.Null(options.Head.Hidden);
        Assert.Equal(new HeadOptions { Hidden = options.Head.Hidden }, options.Head);
    }

    [Theory]
    [InlineData("--body lite0+lite2")]
    [InlineData("--body lite0 --body lite2")]
    public void Bodies_are_joined_by_a_plus_or_by_several_options(string line)
    {
        TrainingOptions options = Read(isTuning: true, line + " --size 96");

        Assert.Equal(["lite0", "lite2"], options.Body.Branches.Select(branch => branch.Name));
        Assert.Equal(96, options.Body.InputSize);
    }

    [Fact]
    public void A_file_has_precedence_over_splitting_its_name_at_a_plus()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("a+b.onnx", [1]);

        Assert.Equal(file, BodyName.Read(file).File);
        Assert.Equal(["lite0", file], BodyName.Read($"lite0\n{file}").Branches.Select(branch => branch.Text));
    }

    [Fact]
    public void Every_option_arrives_where_it_belongs()
    {
        TrainingOptions options = Read(
            isTuning: true,
            "--body b.onnx --features edge --fit squash --seed 7 --views 3 --pooling flatten "
                + "--validation-share 0.2 --test-share 0.3 --rejected-limit 0.4 --threads 5 "
                + "--epochs 6 --train 0.5 --head 256,64 --dropout 0.1 --start random --head-optimizer adamw "
                + "--head-epochs 8 --head-training-rate 0.02 --head-rate 0.03 --body-rate 0.004 "
                + "--batch 9 --target-accuracy 0.99 --max-error 1% --balance sampling"
        );

        Assert.Equal([256, 64], options.Head.Hidden);
        TrainingOptions expected = new()
        {
            Body = BodySource.OnnxFile("b.onnx") with { FeatureEdge = "edge", Fit = ImageFit.Squash },
            Seed = 7,
            Views = 3,
            ValidationShare = 0.2,
            TestShare = 0.3,
            RejectedLimit = 0.4,
            Threads = 5,
            TargetAccuracy = 0.99,
            MaxError = 0.01,
            Balance = Balance.Sampling,
            MemoryPolicy = MemoryPolicy.ManageProcess,
            Head = new()
            {
                Hidden = options.Head.Hidden,
                Pooling = Pooling.Flatten,
                Dropout = 0.1,
                Start = HeadStart.Random,
            },
            HeadTraining = new()
            {
                Epochs = 8,
                Optimizer = OptimizerKind.AdamW,
                Rate = 0.02,
                Batch = 9,
            },
            FineTune = new()
            {
                Train = TrainedPart.LastShare(0.5),
                Epochs = 6,
                HeadRate = 0.03,
                BodyRate = 0.004,
                Batch = 9,
            },
        };
        Assert.Equal(expected, options);
    }

    [Fact]
    public void A_weight_file_arrives_with_a_named_body() =>
        Assert.Equal(
            BodySource.Named("vgg16") with
            {
                Weights = "w.pth",
            },
            Read(isTuning: true, "--body vgg16 --weights w.pth").Body
        );

    [Fact]
    public void The_first_names_of_flags_still_work()
    {
        TrainingOptions options = Read(
            isTuning: true,
            "--optimizer adam --warm-up-epochs 3 --warm-up-rate 0.5 --layer-decay 0.9"
        );

        Assert.Equal(
            new HeadTrainingOptions
            {
                Optimizer = OptimizerKind.Adam,
                Epochs = 3,
                Rate = 0.5,
            },
            options.HeadTraining
        );
        Assert.Equal(0.9, options.FineTune.QuarterDecay);
    }

    [Fact]
    public void A_head_is_searched_unless_it_is_named_or_starts_as_the_probe()
    {
        Assert.True(Read(isTuning: true, "--head auto").Head.IsSearched);
        Assert.Equal([], Read(isTuning: true, "--head linear").Head.Hidden);
        Assert.False(Read(isTuning: true, "--head 64").Head.IsSearched);
        Assert.False(Read(isTuning: true, "--start probe").Head.IsSearched);
    }

    [Theory]
    [InlineData("average", Pooling.Average)]
    [InlineData("averageandmax", Pooling.AverageAndMax)]
    [InlineData("stages", Pooling.Stages)]
    [InlineData("flatten", Pooling.Flatten)]
    public void Each_pooling_has_a_name(string word, Pooling pooling) =>
        Assert.Equal(pooling, Read(isTuning: false, $"--pooling {word}").Head.Pooling);

    [Theory]
    [InlineData("2.5%", 0.025)]
    [InlineData("0.025", 0.025)]
    [InlineData("0", 0)]
    public void A_share_is_a_number_or_a_percentage(string word, double share) =>
        Assert.Equal(share, Read(isTuning: false, $"--max-error {word}").MaxError);

    [Theory]
    [InlineData("60%", "'--max-error' cannot be 60%: it must lie between 0 and 0.5")]
    [InlineData("NaN", "'--max-error' cannot be NaN: it must lie between 0 and 0.5")]
    [InlineData("a%", "'--max-error' cannot be 'a%': it takes a share, such as 0.01 or 1%")]
    [InlineData("%", "'--max-error' cannot be '%': it takes a share, such as 0.01 or 1%")]
    public void Another_share_of_errors_is_bad_usage(string word, string problem)
    {
        Outcome outcome = Cli.Run("train", "photos", "--max-error", word);

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Equal($"graft: {problem}", outcome.ErrorLines[0]);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("1.5H", 5400)]
    public void A_budget_is_a_time(string word, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(isTuning: true, $"--budget {word}").Budget);

    [Theory]
    [InlineData("5", "'--budget' cannot be '5': it takes a time, such as 90s, 5m or 1.5h")]
    [InlineData("m", "'--budget' cannot be 'm': it takes a time, such as 90s, 5m or 1.5h")]
    [InlineData("0.1s", "'--budget' cannot be 0.1s: it must lie between 1 second and 1000 hours")]
    public void Another_budget_is_bad_usage(string word, string problem) =>
        Assert.Equal($"graft: {problem}", Cli.Run("train", "photos", "--budget", word).ErrorLines[0]);

    [Fact]
    public void A_probe_neither_warms_up_nor_fine_tunes()
    {
        TrainingOptions options = Read(isTuning: false, "--seed 3");

        Assert.Equal((0, 0, 3), (options.HeadTraining.Epochs, options.FineTune.Epochs, options.Seed));
    }

    [Fact]
    public void A_run_is_called_after_its_folder_and_the_time()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));

        Assert.Equal(Path.Combine("runs", "photos-20310203-040506"), TrainVerb.NewRunFolder("some/photos/", time));
        Assert.Equal(Path.Combine("runs", "list-20310203-040506"), TrainVerb.NewRunFolder("some/list.csv", time));
    }

    private static TrainingOptions Read(bool isTuning, string line)
    {
        Verb verb = new("test", "");
        TrainingFlags choices = new(isTuning);
        choices.AddTo(verb);
        ParseResult parsed = verb.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(parsed.Errors);
        return choices.Read(parsed);
    }
}
