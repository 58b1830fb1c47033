using Graft.Training;
using Microsoft.ML.Runtime;

namespace Graft.ML.Rows;

/// <summary>
/// Passes the events of a training on to the log of the MLContext and to the listener of the options.
/// </summary>
internal sealed class ChannelProgress(IChannel channel, IProgress<TrainingEvent>? listener) : IProgress<TrainingEvent>
{
    private readonly Lock _lock = new();

    public void Report(TrainingEvent value)
    {
        lock (_lock)
        {
            Log(value);
        }

        listener?.Report(value);
    }

    public void Warn(string text) => Report(new Notice(text, IsWarning: true));

    private void Log(TrainingEvent value)
    {
        switch (value)
        {
            case Notice { IsWarning: true } warning:
                channel.Warning(MessageSensitivity.UserData, warning.Text);
                break;
            case Notice notice:
                channel.Info(MessageSensitivity.UserData, notice.Text);
                break;
            case PhaseStarted phase:
                channel.Info(MessageSensitivity.UserData, $"{phase.Phase}: {phase.Detail}");
                break;
            default:
                break; // numbers of images and epochs, for a listener of one's own
        }
    }
}
