using Graft.Training.Release;

namespace Graft.Training.Tests.Release;

public sealed class RunHistoryTests
{
    [Fact]
    public void An_epoch_that_a_resumed_session_logs_again_counts_once()
    {
        RunHistory history = RunHistory.Of([
            Epoch("fine-tune", 1, 2.0),
            Epoch("fine-tune", 2, 1.5),
            Epoch("fine-tune", 2, 1.4),
            Epoch("fine-tune", 3, 1.0),
        ]);

        EpochCurve curve = Assert.Single(Assert.Single(history.Trainings));
        Assert.Equal([2.0, 1.4, 1.0], curve.Epochs.Select(epoch => epoch.TrainLoss));
    }

    [Fact]
    public void A_training_has_a_curve_for_each_phase_and_each_fold_is_a_training()
    {
        RunHistory history = RunHistory.Of([
            Epoch("head training", 1, 3),
            Epoch("head training", 2, 2),
            Epoch("fine-tune", 1, 2),
            Epoch("fine-tune", 1, 1.9),
            Epoch("fine-tune", 2, 1),
        ]);

        Assert.Equal(
            ["head training, fine-tune", "fine-tune"],
            history.Trainings.Select(training => string.Join(", ", training.Select(phase => phase.Phase)))
        );
        Assert.Equal([2, 1, 2], history.Trainings.SelectMany(training => training.Select(one => one.Epochs.Count)));
    }

    [Fact]
    public void Notices_are_kept_once_and_lines_that_are_no_events_are_skipped()
    {
        const string Notice = """{"time":"2026-01-01","event":"Notice","text":"a <b> & more","isWarning":true}""";

        RunHistory history = RunHistory.Of([Notice, "{\"event\":\"Other\"}", "torn {", "[1]", Notice]);

        Assert.Equal("a <b> & more", Assert.Single(history.Notices).Text);
        Assert.True(history.Notices[0].IsWarning);
    }

    private static string Epoch(string phase, int epoch, double loss) =>
        FormattableString.Invariant(
            $$"""
            {"time":"2026-01-01","event":"EpochEnded","phase":"{{phase}}","epoch":{{epoch}},"epochs":9,
            "trainLoss":{{loss}},"validationLoss":null,"validationAccuracy":null,"rate":0.01}
            """
        );
}
