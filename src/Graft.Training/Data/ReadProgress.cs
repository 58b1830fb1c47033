namespace Graft.Training.Data;

/// <summary>Reports read images as progress of the phase "read".</summary>
/// <param name="settled">Called once, after the first few images; null: nothing is called.</param>
internal sealed class ReadProgress(int total, IProgress<TrainingEvent>? progress, Action? settled = null)
    : IProgress<int>
{
    // After this many images each thread has used all libraries that reading takes, from the file system to the cache.
    private const int Settled = 8;

    /// <param name="value">Number of images read so far.</param>
    public void Report(int value)
    {
        progress?.Report(new Progressed("read", value, total, "images", 0, TimeSpan.Zero));
        if (value == Settled)
        {
            settled?.Invoke();
        }
    }
}
