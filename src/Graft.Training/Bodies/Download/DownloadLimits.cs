namespace Graft.Training.Bodies;

/// <summary>Limits and retries of a download.</summary>
internal sealed record DownloadLimits
{
    /// <summary>Longest time in which a server may send nothing; default 30 seconds.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many times a lost connection is opened again.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>Pause before the first retry. Each further retry doubles it.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Largest file in bytes. No weight file has as many.</summary>
    public long Bytes { get; init; } = 8L << 30;
}
