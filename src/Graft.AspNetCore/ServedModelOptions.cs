namespace Graft.AspNetCore;

/// <summary>How one model is loaded, batched and reloaded by a server.</summary>
public sealed record ServedModelOptions
{
    /// <summary>
    /// Name of the model in addresses and answers: letters, digits, '-', '_' and '.', at most 100. Null: the name of
    /// the file without its extension, or of its folder where the file is called model.onnx.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Version of the model in addresses and answers, of the same characters as the name. Null: the first 12 digits of
    /// the file's SHA-256, which change with the file.
    /// </summary>
    public string? Version { get; init; }

    /// <summary>Limits on the model file and on one image.</summary>
    public Limits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>
    /// Batches that are computed at once, each on one thread, 1 to 1024. The default, 0, computes one per core.
    /// </summary>
    public int Workers { get; init; }

    /// <summary>
    /// Most images of one batch, 1 to 64. Waiting images are shared among the workers first, so that a batch grows only
    /// under load. The default is 8.
    /// </summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// Most images that wait for a worker, 1 to 100,000. More are refused with status 503. The default is 256.
    /// </summary>
    public int QueueLength { get; init; } = 256;

    /// <summary>
    /// How often the file is checked for a change, 0.1 s to one day. A changed file is loaded and checked beside the
    /// old one, which answers until then. <see cref="TimeSpan.Zero"/> turns it off. The default is one second.
    /// </summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(1);

    internal int WorkerCount => Workers == 0 ? Environment.ProcessorCount : Workers;

    internal ServedModelOptions Checked()
    {
        OptionChecks checks = new();
        const string Characters = "it must have 1 to 100 letters, digits, '-', '_' or '.'";
        checks.Require(Name is null || IsPlain(Name), nameof(Name), Name, Characters);
        checks.Require(Version is null || IsPlain(Version), nameof(Version), Version, Characters);
        checks.Require(Workers is >= 0 and <= 1024, nameof(Workers), Workers, "it must lie between 0 and 1024");
        checks.Require(BatchSize is >= 1 and <= 64, nameof(BatchSize), BatchSize, "it must lie between 1 and 64");
        checks.Require(
            QueueLength is >= 1 and <= 100_000,
            nameof(QueueLength),
            QueueLength,
            "it must lie between 1 and 100,000"
        );
        checks.Require(
            ReloadInterval == TimeSpan.Zero
                || (ReloadInterval >= TimeSpan.FromSeconds(0.1) && ReloadInterval <= TimeSpan.FromDays(1)),
            nameof(ReloadInterval),
            ReloadInterval,
            "it must be zero, or lie between 0.1 seconds and one day"
        );
        checks.ThrowIfAny();
        return this;
    }

    internal static bool IsPlain(string text) =>
        text.Length is >= 1 and <= 100 && text.All(IsPlain) && text.Any(char.IsAsciiLetterOrDigit);

    internal static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.';
}
