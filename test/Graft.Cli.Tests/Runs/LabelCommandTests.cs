using System.Text.Json;
using System.Text.RegularExpressions;
using Graft.Prediction;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Runs;

/// <summary>What the commands say of images with several labels.</summary>
public sealed partial class LabelCommandTests : IDisposable
{
    private readonly ToyLabels _toy = new();

    private string[] Probe => ["--body", _toy.BodyPath, "--views", "0", "--threads", "1"];

    public void Dispose() => _toy.Dispose();

    [Fact]
    public void Several_seeds_are_summed_up_by_their_mean_average_precision()
    {
        string folder = _toy.Run("seeds");

        Outcome outcome = Cli.Run(["probe", _toy.Files(), .. Probe, "--seeds", "2", "--out", folder]);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        double[] precisions =
        [
            .. Enumerable
                .Range(1, 2)
                .Select(seed =>
                    Json(folder, $"seed-{seed}", "evaluation.json").GetProperty("meanAveragePrecision").GetDouble()
                ),
        ];
        JsonElement all = Json(folder, "seeds.json");
        Assert.Equal(precisions.Average(), all.GetProperty("accuracy").GetProperty("mean").GetDouble(), 1e-12);
        Assert.All(all.GetProperty("seeds").EnumerateArray(), seed =>
            Assert.Equal("multiLabel", seed.GetProperty("task").GetString())
        );
        Assert.Contains($"Mean AP:  {precisions.Average():0.000} ± ", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ccuracy", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_is_printed_calls_the_mean_average_precision_an_accuracy()
    {
        Outcome outcome = Cli.Run([
            "train",
            _toy.Files(),
            "--body",
            _toy.BodyPath,
            "--out",
            _toy.Run("run"),
            .. "--views 1 --train 0.6 --epochs 3 --body-rate 0.01 --batch 8 --threads 1 --verbose".Split(' '),
        ]);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        string report = File.ReadAllText(Path.Combine(_toy.Run("run"), "report.html"));
        Assert.DoesNotContain("ccuracy", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ccuracy", outcome.Progress, StringComparison.Ordinal);
        // its attributes name the members of evaluation.json
        Assert.DoesNotContain("ccuracy", Attributes().Replace(report, ""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_no_test_image_has_is_named_and_left_out()
    {
        string list = _toy.List(
            "absent.csv",
            _toy.Images.Select((image, i) => (image.Name, image.Labels.Where(one => i < 48 || one != "stripes")))
        );
        string[] lines = File.ReadAllLines(list);
        File.WriteAllLines(
            list,
            lines.Select(
                (line, i) =>
                    line
                    + (
                        i == 0 ? ",split"
                        : i <= 32 ? ",train"
                        : i <= 48 ? ",val"
                        : ",test"
                    )
            )
        );
        string run = _toy.Run("run");

        Outcome trained = Cli.Run(["probe", list, .. Probe, "--out", run]);
        Outcome evaluated = Cli.Run("evaluate", run, list);

        Assert.Contains(
            "the class 'stripes' has no image in the test part",
            trained.Progress,
            StringComparison.Ordinal
        );
        Assert.Contains("Left out: 'stripes': no image here has it", trained.Output, StringComparison.Ordinal);
        Assert.Contains(
            "Left out           'stripes': no image here has it",
            evaluated.Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_model_is_continued_with_a_new_class()
    {
        string early = _toy.List("early.csv", Rows(0, 32, _ => []));
        string late = _toy.List("late.csv", Rows(32, 64, labels => labels.Count == 2 ? ["pairs"] : []));
        Cli.Run(["probe", early, .. Probe, "--out", _toy.Run("first")]);

        Outcome second = Cli.Run(
            "probe",
            late,
            "--from",
            _toy.Run("first"),
            "--views",
            "0",
            "--threads",
            "1",
            "--out",
            _toy.Run("second")
        );

        Assert.Equal((ExitCode.Done, ""), (second.Code, second.Error));
        using Predictor predictor = Predictor.Load(Path.Combine(_toy.Run("second"), "model.onnx"));
        Assert.Equal(["checks", "pairs", "rings", "stripes"], predictor.Card.Labels);
        Assert.Equal(ClassificationTask.MultiLabel, predictor.Card.Task);
    }

    [Fact]
    public void Two_models_are_compared_by_a_paired_test_of_the_mean_average_precision()
    {
        string list = _toy.Files();
        Cli.Run(["probe", list, .. Probe, "--out", _toy.Run("one")]);
        Cli.Run(["probe", list, .. Probe, "--seed", "2", "--out", _toy.Run("other")]);

        Outcome text = Cli.Run("evaluate", _toy.Run("one"), list, "--against", _toy.Run("other"));
        Outcome json = Cli.Run("evaluate", _toy.Run("one"), list, "--against", _toy.Run("other"), "--json");

        JsonElement root = JsonDocument.Parse(json.Output).RootElement;
        JsonElement against = root.GetProperty("against");
        JsonElement test = against.GetProperty("meanAveragePrecisionTest");
        Assert.Equal(
            root.GetProperty("meanAveragePrecision").GetDouble()
                - against.GetProperty("meanAveragePrecision").GetDouble(),
            test.GetProperty("difference").GetDouble(),
            1e-9
        );
        Assert.InRange(test.GetProperty("pValue").GetDouble(), 0.0001, 1);
        Assert.Contains("paired bootstrap over images", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_several_labels_is_exported_in_float16()
    {
        Cli.Run(["probe", _toy.Files(), .. Probe, "--out", _toy.Run("run")]);
        string half = _toy.Run("half.onnx");

        Outcome outcome = Cli.Run("export", _toy.Run("run"), "--precision", "float16", "--out", half);
        Outcome named = Cli.Run(
            "export",
            Path.Combine(_toy.Run("run"), "model.onnx"),
            "--precision",
            "float16",
            "--images",
            _toy.Files(),
            "--json",
            "--out",
            _toy.Run("named.onnx")
        );

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("Mean AP     ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("paired bootstrap over images", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, named.Code);
        Assert.True(
            JsonDocument.Parse(named.Output).RootElement.GetProperty("meanAveragePrecisionBefore").GetDouble() > 0.5
        );
    }

    private IEnumerable<(string Name, IEnumerable<string> Labels)> Rows(
        int from,
        int to,
        Func<IReadOnlyList<string>, IEnumerable<string>> more
    ) => _toy.Images.Take(from..to).Select(image => (image.Name, image.Labels.Concat(more(image.Labels))));

    private static JsonElement Json(params string[] path) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(path))).RootElement;

    [GeneratedRegex("data-of=\"[^\"]*\"")]
    private static partial Regex Attributes();
}
