using System.Globalization;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Torch;
using Graft.Training.Data;

namespace Graft.Training;

/// <summary>The purpose of an image in a training.</summary>
public enum ImagePart
{
    /// <summary>The network learns from it.</summary>
    Train,

    /// <summary>Choices are made on it: learning rates, when to stop, which weights to keep.</summary>
    Validation,

    /// <summary>The final evaluation reads it once.</summary>
    Test,
}

/// <summary>
/// An image with the name of its class, or the names of several. The pixels are read when they are needed.
/// </summary>
public sealed record LabelledImage
{
    private readonly Func<CancellationToken, ValueTask<Stream>>? _open;
    private readonly LabelList _labels;
    private readonly string? _cluster;

    /// <summary>An image from memory, a database or any other source of streams.</summary>
    /// <param name="label">Name of its class, as the model will answer it.</param>
    /// <param name="name">Name of the image: unique in its set, the same in every run. Messages, split.csv and reports
    /// show it.</param>
    /// <param name="open">Opens the encoded image (JPEG, PNG ...). It is called once for every reading, from several
    /// threads at once, and must give the same bytes each time. Graft disposes the stream.</param>
    /// <exception cref="ArgumentException">The label or the name is empty.</exception>
    public LabelledImage(string label, string name, Func<CancellationToken, ValueTask<Stream>> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(open);
        (_labels, Name, _open) = (LabelList.Of(label), name, open);
    }

    /// <summary>An image with any number of labels, from any source of streams.</summary>
    /// <param name="labels">Names of its classes in any order; none where it shows none of them. A set with such an
    /// image is of <see cref="ClassificationTask.MultiLabel"/>.</param>
    /// <param name="name">Name of the image: unique in its set, the same in every run. Messages, split.csv and reports
    /// show it.</param>
    /// <param name="open">Opens the encoded image (JPEG, PNG ...). It is called once for every reading, from several
    /// threads at once, and must give the same bytes each time. Graft disposes the stream.</param>
    /// <exception cref="ArgumentException">A label or the name is empty.</exception>
    public LabelledImage(IReadOnlyList<string> labels, string name, Func<CancellationToken, ValueTask<Stream>> open)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (string label in labels)
        {
            ArgumentException.ThrowIfNullOrEmpty(label, nameof(labels));
        }

        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(open);
        (_labels, Name, _open) = (LabelList.Of(labels), name, open);
    }

    /// <summary>An image file.</summary>
    /// <param name="name">Path relative to the set's folder, with '/' on every system.</param>
    internal LabelledImage(string name, string label, ImagePart? part = null) =>
        (Name, _labels, Part) = (name, LabelList.Of(label), part);

    /// <summary>
    /// Unique name in the set. For a file its path relative to the set's folder, with '/' on every system. Untrusted
    /// text.
    /// </summary>
    public string Name { get; }

    /// <summary>
    /// Name of the class. Where the image has several labels, all of them with ";" between them, and "" where it has
    /// none: for messages and files. Untrusted text.
    /// </summary>
    public string Label
    {
        get => _labels.ToString();
        init => _labels = LabelList.Of(value);
    }

    /// <summary>
    /// Names of its classes: distinct, in ordinal order. Exactly one in a set of
    /// <see cref="ClassificationTask.SingleLabel"/>; any number, or none, in one of
    /// <see cref="ClassificationTask.MultiLabel"/>. Untrusted text.
    /// </summary>
    public IReadOnlyList<string> Labels
    {
        get => _labels;
        init => _labels = LabelList.Of(value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>Part of the data set, where the data give one; null: it is drawn by the split.</summary>
    public ImagePart? Part { get; init; }

    /// <summary>
    /// Images of one group (one patient, one film, one place) stay in one part of a split and in one fold of a
    /// cross-validation. Null: the image belongs to no group.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>Full path of an image file; null for an image that was given as a stream.</summary>
    public string? File { get; internal init; }

    /// <summary>
    /// SHA-256 of the encoded image, as 64 lower-case hexadecimal digits. Empty until the image is part of an
    /// <see cref="ImageSet"/>.
    /// </summary>
    public string ContentHash { get; internal init; } = "";

    /// <summary>
    /// Identifies the images that must not be separated: copies, near duplicates and members of one group share it.
    /// By default the <see cref="ContentHash"/>.
    /// </summary>
    internal string Cluster
    {
        get => _cluster ?? ContentHash;
        init => _cluster = value;
    }

    /// <summary>First 8 bytes of <see cref="ContentHash"/>, the key of all random draws for this image.</summary>
    internal ulong Key => ulong.Parse(ContentHash.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Opens the encoded image. The caller disposes the stream.</summary>
    /// <param name="cancel">Stops the opening.</param>
    /// <exception cref="IOException">The file cannot be opened. A source of streams may throw others.</exception>
    public ValueTask<Stream> OpenAsync(CancellationToken cancel = default) =>
        File is null ? _open!(cancel) : new(System.IO.File.OpenRead(File));

    /// <summary>The encoded image. Blocks until all bytes are there.</summary>
    /// <exception cref="ImageException">It cannot be opened or read, is empty or exceeds the limit.</exception>
    internal byte[] ReadBytes(DecodeLimits limits, CancellationToken cancel = default)
    {
        if (File is not null)
        {
            return ImageFile.Read(File, limits);
        }

        ValueTask<byte[]> reading = ReadBytesAsync(limits, cancel);
        return reading.IsCompleted ? reading.GetAwaiter().GetResult() : reading.AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="ReadBytes"/>
    internal async ValueTask<byte[]> ReadBytesAsync(DecodeLimits limits, CancellationToken cancel)
    {
        if (File is not null)
        {
            return ImageFile.Read(File, limits);
        }

        try
        {
            Stream stream = await _open!(cancel).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                return await ImageFile.ReadAsync(stream, Name, limits, cancel).ConfigureAwait(false);
            }
        }
        // whatever a caller's source throws makes this image unusable, and the limit of unusable images decides
        catch (Exception error)
            when (error is not ImageException && !cancel.IsCancellationRequested && !MemoryErrors.IsOutOfMemory(error))
        {
            string reason = Printable.Text(error.Message.TrimEnd('.'));
            throw new ImageException(Name, $"its stream cannot be read ({reason}); check its source", error)
            {
                Fault = ImageFault.Unreadable,
            };
        }
    }
}
