using Microsoft.Extensions.Logging;

namespace Graft.Training;

/// <summary>Writes the events of a training to a logger.</summary>
public static partial class LoggerProgress
{
    /// <summary>
    /// Progress that writes each event to <paramref name="logger"/>: warnings as Warning, progress within a phase as
    /// Debug, everything else as Information.
    /// </summary>
    public static IProgress<TrainingEvent> AsTrainingProgress(this ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return TrainingProgress.Of(value => Log(logger, value));
    }

    private static void Log(ILogger logger, TrainingEvent value)
    {
        switch (value)
        {
            case PhaseStarted started:
                LogPhaseStarted(logger, started.Phase, started.Detail);
                break;
            case PhaseEnded ended:
                LogPhaseEnded(logger, ended.Phase, ended.Result, ended.Seconds);
                break;
            case EpochEnded epoch:
                LogEpoch(logger, epoch.Phase, epoch.Epoch, epoch.Epochs, epoch.TrainLoss, epoch.ValidationLoss);
                break;
            case TrialsEnded trials:
                LogTrials(logger, trials.Subject, trials.Trials.FirstOrDefault(trial => trial.IsChosen)?.Choice);
                break;
            case Notice notice:
                Log(logger, notice);
                break;
            case Progressed progress:
                LogProgress(logger, progress.Phase, progress.Done, progress.Total, progress.Unit);
                break;
            default:
                break;
        }
    }

    private static void Log(ILogger logger, Notice notice)
    {
        if (!logger.IsEnabled(notice.IsWarning ? LogLevel.Warning : LogLevel.Information))
        {
            return;
        }

        string text = notice.Option is null ? notice.Text : $"{notice.Text} ({notice.Option})";
        if (notice.IsWarning)
        {
            LogWarning(logger, text);
        }
        else
        {
            LogNotice(logger, text);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Phase}: {Detail}")]
    private static partial void LogPhaseStarted(ILogger logger, string phase, string detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Phase} ended: {Result} ({Seconds} s)")]
    private static partial void LogPhaseEnded(ILogger logger, string phase, string result, double seconds);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Phase}: epoch {Epoch} of {Epochs}, loss {TrainLoss}, validation loss {ValidationLoss}"
    )]
    private static partial void LogEpoch(
        ILogger logger,
        string phase,
        int epoch,
        int epochs,
        double trainLoss,
        double? validationLoss
    );

    [LoggerMessage(Level = LogLevel.Information, Message = "{Subject}: {Choice} was chosen")]
    private static partial void LogTrials(ILogger logger, string subject, string? choice);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Text}")]
    private static partial void LogWarning(ILogger logger, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Text}")]
    private static partial void LogNotice(ILogger logger, string text);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Phase}: {Done} of {Total} {Unit}")]
    private static partial void LogProgress(ILogger logger, string phase, long done, long total, string unit);
}
