using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>The line that an event becomes.</summary>
internal static class EventText
{
    /// <summary>Columns of a phase's name: "first answer" and two spaces.</summary>
    public const int PhaseWidth = 14;

    /// <summary>One line, safe to print; null for progress, which is a bar or a line of its own.</summary>
    public static string? Of(TrainingEvent value) =>
        value switch
        {
            PhaseStarted started => $"{Phase(started.Phase)}{Printable.Text(started.Detail)}{Outlook(started)}",
            EpochEnded epoch =>
                $"{Phase("")}epoch {Pad(epoch.Epoch, epoch.Epochs)}/{epoch.Epochs}  loss {epoch.TrainLoss:0.000}  "
                    + (
                        epoch.ValidationLoss is null
                            ? ""
                            : $"validation {epoch.ValidationLoss:0.000}  {Measure(epoch.Task)} "
                                + $"{epoch.ValidationAccuracy:0.000}  "
                    )
                    + $"rate {epoch.Rate:0.#####}",
            TrialsEnded tried => $"{Phase("")}tried: {Printable.Text(tried.Subject)}: "
                + $"{string.Join("; ", tried.Trials.Select(Tried))}; by {Printable.Text(tried.Rule)}",
            Improved better => $"{Phase("")}{Printable.Text(better.ModelPath)} can be used now: {better.Candidate}, "
                + $"validation {Measure(better.Task)} {better.Accuracy:0.000} (95 % interval "
                + $"{better.Interval.Low:0.000} to {better.Interval.High:0.000})",
            Notice notice => $"{Phase("")}{(notice.IsWarning ? "warning: " : "")}{Printable.Text(notice.Text)}"
                + OptionFlags.Hint(notice.Option),
            PhaseEnded ended =>
                $"{Phase("")}{Printable.Text(ended.Result)} ({Duration(TimeSpan.FromSeconds(ended.Seconds))})",
            _ => null,
        };

    /// <summary>"12 s", "3 min 05 s", "1 h 02 min".</summary>
    public static string Duration(TimeSpan time)
    {
        TimeSpan whole = TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
        return time.TotalSeconds < 0.95 ? $"{Math.Max(0, time.TotalSeconds):0.0} s"
            : whole.TotalMinutes < 1 ? $"{whole.Seconds} s"
            : whole.TotalHours < 1 ? $"{whole.Minutes} min {whole.Seconds:00} s"
            : $"{(int)whole.TotalHours} h {whole.Minutes:00} min";
    }

    /// <summary>The name of the phase that a line begins with, or nothing, and the rest.</summary>
    public static (string Phase, string Detail) Split(string line) =>
        line.Length > PhaseWidth && line[PhaseWidth - 1] == ' '
            ? (line[..PhaseWidth].TrimEnd(), line[PhaseWidth..])
            : ("", line);

    public static string Phase(string phase) => phase.PadRight(PhaseWidth);

    private static string Measure(ClassificationTask task) =>
        task == ClassificationTask.MultiLabel ? "mAP" : "accuracy";

    // "; part 3 of 6, about 1 min 10 s left"
    private static string Outlook(PhaseStarted started) =>
        started.Count == 0
            ? ""
            : $"; part {started.Number} of {started.Count}"
                + (started.Left is TimeSpan left ? $", about {Duration(left)} left" : "");

    private static string Tried(Trial trial)
    {
        string score = double.IsFinite(trial.Loss) ? $"{trial.Accuracy:0.000} (loss {trial.Loss:0.000})" : "diverged";
        return $"{Printable.Text(trial.Choice)} {score}{(trial.IsChosen ? ", chosen" : "")}";
    }

    private static string Pad(int epoch, int epochs) => epoch.ToString().PadLeft(epochs.ToString().Length);
}
