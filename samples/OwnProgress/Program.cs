// Show a training in your own words: every event is a record, and arrives at once and in order.
// Usage: OwnProgress IMAGES RUN_FOLDER
using Graft.Training;

TrainingResult result = await Trainer.TrainAsync(
    args[0],
    args[1],
    new() { FineTune = new() { Epochs = 3 } },
    new Display(),
    CancellationToken.None
);
Console.WriteLine($"done: {result.Evaluation.Accuracy:P1}");

internal sealed class Display : IProgress<TrainingEvent>
{
    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case PhaseStarted phase:
                Console.WriteLine($"begins: {phase.Phase}");
                break;
            case EpochEnded epoch:
                Console.WriteLine($"epoch {epoch.Epoch}: training loss {epoch.TrainLoss:0.000}");
                break;
            case Notice { IsWarning: true } warning:
                Console.WriteLine($"warning: {warning.Text}");
                break;
            case PhaseEnded phase:
                Console.WriteLine($"ended: {phase.Phase} after {phase.Seconds:0.0} s");
                break;
        }
    }
}
