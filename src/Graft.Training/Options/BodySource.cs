using System.Text.Json.Serialization;

namespace Graft.Training;

/// <summary>
/// Where the body (the pretrained network, also called backbone) comes from, and what belongs to it: weights, input
/// size, feature edge and input transform.
/// </summary>
public sealed record BodySource
{
    internal const string DefaultName = "efficientnet_lite0";

    /// <summary>The word for an input transform that is found.</summary>
    internal const string AutoTransform = "auto";

    [JsonConstructor]
    internal BodySource() { }

    /// <summary>The catalogue's or imported body's name; null for an ONNX file.</summary>
    [JsonInclude]
    public string? Name { get; internal init; }

    /// <summary>The path of the ONNX file; null for a named body.</summary>
    [JsonInclude]
    public string? File { get; internal init; }

    /// <summary>The bodies that are joined, two or more; empty for a single one.</summary>
    [JsonInclude]
    public IReadOnlyList<BodySource> Branches { get; internal init; } = [];

    /// <summary>A weight file for a named body; null: the weights that come with it.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// The side of the square input of a named body, or of an ONNX file that leaves it open, 32 to 1,024 pixels. Null:
    /// the size that transfers best where that was measured (EfficientNet-Lite0: 288), otherwise the size of the
    /// pretraining; 224 for an ONNX file that leaves it open.
    /// </summary>
    public int? InputSize { get; init; }

    /// <summary>The edge at which the body ends and its old head is cut off; null: it is found in the graph.</summary>
    public string? FeatureEdge { get; init; }

    /// <summary>
    /// How an ONNX file's images were prepared: imagenet, half, caffe, raw, zero-to-one, or the path of a JSON file.
    /// Null or "auto": it is read from the network. Where the network does not say, linear probes on a sample of the
    /// training images compare the five names; another one than imagenet must be better by more than a standard error.
    /// The choice is recorded in options.json.
    /// </summary>
    public string? InputTransform { get; init; }

    /// <summary>
    /// How images are fitted into the input of any body. Null: as the input transform says, which is
    /// <see cref="ImageFit.Crop"/> for the bodies of the catalogue and as an earlier model has it.
    /// </summary>
    public ImageFit? Fit { get; init; }

    /// <summary>What the body is called in messages: its name, or the path of its file.</summary>
    [JsonIgnore]
    public string Text => Name ?? File ?? string.Join('+', Branches);

    /// <summary>A body of the catalogue or an imported one.</summary>
    /// <param name="name">A name or alias that <see cref="BodyCatalog.List"/> returns.</param>
    public static BodySource Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new() { Name = name };
    }

    /// <summary>An image classifier in an ONNX file.</summary>
    /// <param name="path">Path of the file.</param>
    public static BodySource OnnxFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new() { File = path };
    }

    /// <summary>
    /// Several bodies side by side: a head sees the features of all. All see the same crop of an image in one size. It
    /// is the size of an ONNX file or imported body among them, otherwise the largest of their pretraining.
    /// </summary>
    /// <remarks>
    /// Size and fit belong to the whole; weights, feature edge and input transform to the single bodies. The body with
    /// the most weights decides how images are resized, and its last layers are trained, unless
    /// <see cref="FineTuneOptions.Train"/> names another one: "NAME:SHARE" or "NAME/EDGE".
    /// </remarks>
    /// <param name="first">A body.</param>
    /// <param name="second">Another body.</param>
    /// <param name="others">Further bodies.</param>
    public static BodySource Joined(BodySource first, BodySource second, params BodySource[] others)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(others);
        return new() { Branches = [first, second, .. others] };
    }

    /// <inheritdoc/>
    public bool Equals(BodySource? other) =>
        other is not null
        && (Name, File, Weights, InputSize, FeatureEdge, InputTransform, Fit)
            == (
                other.Name,
                other.File,
                other.Weights,
                other.InputSize,
                other.FeatureEdge,
                other.InputTransform,
                other.Fit
            )
        && Branches.SequenceEqual(other.Branches);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Weights, InputSize, FeatureEdge, InputTransform, Fit);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>True where the body is read from an ONNX file.</summary>
    internal bool IsOnnxFile =>
        Branches.Count == 0 && (File is not null || Text.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase));

    /// <summary>Adds a problem for each part that has no effect beside the others.</summary>
    internal void Check(OptionProblems problems)
    {
        if (Branches.Count > 0)
        {
            CheckJoined(problems);
            return;
        }

        if (Weights is not null && IsOnnxFile)
        {
            problems.Add(
                nameof(Weights),
                "",
                "it has no effect on an ONNX file, which holds its own weights; leave it out, or name a body"
            );
        }

        if (InputTransform is not null && !IsOnnxFile)
        {
            problems.Add(
                nameof(InputTransform),
                "",
                "it has no effect on a named body, which has its own input transform; leave it out, or name an "
                    + "ONNX file"
            );
        }
    }

    private void CheckJoined(OptionProblems problems)
    {
        foreach (
            (string part, bool isGiven) in new[]
            {
                (nameof(Weights), Weights is not null),
                (nameof(FeatureEdge), FeatureEdge is not null),
                (nameof(InputTransform), InputTransform is not null),
            }
        )
        {
            if (isGiven)
            {
                problems.Add(part, "", "it belongs to one of the joined bodies; leave it out, or train one body");
            }
        }

        for (int i = 0; i < Branches.Count; i++)
        {
            OptionProblems own = problems.Within($"{nameof(Branches)}[{i}]");
            if (Branches[i].Branches.Count > 0)
            {
                own.Add(
                    nameof(Branches),
                    Branches[i].Text,
                    "joined bodies cannot be joined again; name them all at once"
                );
            }

            if (Branches[i].InputSize is not null || Branches[i].Fit is not null)
            {
                own.Add(nameof(InputSize), "", "size and fit belong to all joined bodies; give them to the whole");
            }

            Branches[i].Check(own);
        }
    }
}
