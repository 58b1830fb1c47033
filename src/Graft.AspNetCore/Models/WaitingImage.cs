using Graft.Prediction;

namespace Graft.AspNetCore;

/// <summary>An image that waits for its answer.</summary>
internal sealed class WaitingImage(byte[] bytes, string name, CancellationToken cancel)
{
    // continuations must not run on the worker, which has other images to answer
    private readonly TaskCompletionSource<ServedPrediction> _answer = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>When it began to wait.</summary>
    public long Start { get; } = System.Diagnostics.Stopwatch.GetTimestamp();

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsAbandoned => cancel.IsCancellationRequested;

    /// <summary>The answer.</summary>
    public Task<ServedPrediction> Answer => _answer.Task;

    /// <summary>The image as a batch takes it.</summary>
    public NamedImage Image => new(name, _ => new(new MemoryStream(bytes, writable: false)));

    /// <summary>Gives the answer.</summary>
    public void Complete(PredictionResult result, string version) => _answer.TrySetResult(new(result, version));

    /// <summary>Says that there will be no answer.</summary>
    public void Fail(Exception error) => _answer.TrySetException(error);
}
