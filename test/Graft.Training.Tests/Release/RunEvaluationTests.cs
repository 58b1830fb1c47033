using System.Text.Json.Nodes;

namespace Graft.Training.Tests.Release;

public sealed class RunEvaluationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static RunEvaluation Plain =>
        new(Evaluation.Of(["a", "b"], [0, 1, 1], [0.9f, 0.1f, 0.2f, 0.8f, 0.7f, 0.3f]))
        {
            CalibrationErrorBefore = 0.25,
            Temperature = 1.5,
            Shipped = "probe",
            Reason = "it is better",
            Stopped = "only the probe was asked for",
            ValidationAccuracy = 0.5,
            ProbeAccuracy = 0.75,
            ProbeValidationAccuracy = 0.5,
            Seconds = new Dictionary<string, double> { ["read"] = 1.25 },
        };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_members_keep_their_names_and_order()
    {
        string[] members = [.. JsonNode.Parse(Plain.ToJson())!.AsObject().Select(member => member.Key)];

        Assert.Equal(
            [
                "accuracy",
                "accuracyInterval",
                "count",
                "correct",
                "balancedAccuracy",
                "macroF1",
                "logLoss",
                "calibrationError",
                "riskCoverage",
                "classes",
                "confusion",
                "reliability",
                "calibrationErrorBefore",
                "temperature",
                "shipped",
                "reason",
                "stopped",
                "validationAccuracy",
                "probeAccuracy",
                "probeValidationAccuracy",
                "seconds",
            ],
            members
        );
    }

    [Fact]
    public void An_error_limit_without_a_threshold_is_written_with_a_null()
    {
        JsonObject json = JsonNode.Parse((Plain with { MaxError = 0.01 }).ToJson())!.AsObject();

        Assert.Equal(0.01, (double)json["maxError"]!);
        Assert.True(json.TryGetPropertyValue("unsureBelow", out JsonNode? unsure) && unsure is null);
    }

    [Fact]
    public void Leaks_and_trials_are_written_where_there_are_any()
    {
        RunEvaluation evaluation = Plain with
        {
            LeakedTestImages = 1,
            AccuracyWithoutLeaks = 0.5,
            AccuracyIntervalWithoutLeaks = new(0.25, 0.75),
            Trials = [new("how fast", [new("0.01", 0.5, double.PositiveInfinity, IsChosen: true)], "the loss")],
        };

        JsonObject json = JsonNode.Parse(evaluation.ToJson())!.AsObject();

        Assert.Equal("[0.25,0.75]", json["accuracyIntervalWithoutLeaks"]!.ToJsonString());
        Assert.Equal(
            """[{"subject":"how fast","rule":"the loss","tried":["""
                + """{"choice":"0.01","accuracy":0.5,"loss":null,"isChosen":true}]}]""",
            json["trials"]!.ToJsonString()
        );
    }

    [Fact]
    public void A_file_is_read_back_with_the_same_content()
    {
        RunEvaluation evaluation = Plain with { MaxError = 0.01, UnsureBelow = 0.875 };

        RunEvaluation read = RunEvaluation.Read(_folder.Write("evaluation.json", evaluation.ToJson()));

        Assert.Equal(evaluation.ToJson(), read.ToJson());
    }

    [Fact]
    public void Another_file_is_refused_in_one_line()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            RunEvaluation.Read(_folder.Write("evaluation.json", "[]"))
        );

        Assert.Contains("cannot be used: it is not what Graft writes", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
