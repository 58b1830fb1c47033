namespace Graft.Training.Weights;

/// <summary>The tensors of a file, matched to a network's names and shapes.</summary>
/// <param name="Tensors">One tensor for each expected name that is not in <paramref name="Missing"/>.</param>
/// <param name="Missing">
/// Optional names that the file lacks or has in another shape. Usually they belong to a head.
/// </param>
/// <param name="Unused">Names in the file that the network does not need, such as counters.</param>
internal sealed record WeightMatch(
    IReadOnlyDictionary<string, WeightTensor> Tensors,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unused
)
{
    private const int ListedNames = 8;

    /// <summary>
    /// Parts of names that inference does not need: batch counters, auxiliary heads, and a Keras model's own input
    /// normalisation ("normalization/mean").
    /// </summary>
    private static readonly HashSet<string> UnneededParts =
    [
        "num_batches_tracked",
        "aux1",
        "aux2",
        "AuxLogits",
        "normalization",
    ];

    /// <summary>Matches a file to a network.</summary>
    /// <param name="file">The file, usually renamed by <see cref="WeightNames"/>.</param>
    /// <param name="expected">Names and shapes of the network's parameters and buffers.</param>
    /// <param name="isOptional">
    /// Tells which names may be missing, unexpected or of another shape; null requires all.
    /// </param>
    /// <exception cref="WeightFileException">
    /// The file belongs to another network; lists missing, unexpected and wrongly shaped tensors.
    /// </exception>
    public static WeightMatch Of(
        WeightFile file,
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected,
        Func<string, bool>? isOptional = null
    )
    {
        OrderedDictionary<string, WeightTensor> matched = [];
        List<string> missing = [],
            optional = [],
            wronglyShaped = [];
        foreach ((string name, IReadOnlyList<long> shape) in expected)
        {
            bool isInFile = file.Tensors.TryGetValue(name, out WeightTensor? found);
            WeightTensor? fitted = isInFile ? Fit(file, found!, shape) : null;
            if (fitted is not null)
            {
                matched.Add(name, fitted);
            }
            else
            {
                (
                    isOptional?.Invoke(name) == true ? optional
                    : isInFile ? wronglyShaped
                    : missing
                ).Add(name);
            }
        }

        string[] rest = [.. file.Tensors.Keys.Where(name => !expected.ContainsKey(name))];
        string[] unexpected =
        [
            .. rest.Where(name =>
                !IsUnneeded(name) && !IsNewHead(file, name) && isOptional?.Invoke(name) != true
            ),
        ];
        return missing.Count + wronglyShaped.Count + unexpected.Length == 0
            ? new WeightMatch(matched, optional, rest)
            : throw new WeightFileException(
                file.Path,
                "its tensors",
                Describe(file, expected, missing, unexpected, wronglyShaped)
            );
    }

    private static WeightTensor? Fit(WeightFile file, WeightTensor tensor, IReadOnlyList<long> shape)
    {
        if (file.IsChannelsLast)
        {
            return KerasKernels.ToOnnx(tensor, shape);
        }

        // A file may hold a matrix as a 1x1 convolution, or the other way round: the same numbers in the same order.
        bool isSame = tensor.Shape.SequenceEqual(shape);
        bool isFlattened =
            tensor.Shape.Count > 0
            && shape.Count > 1
            && tensor.Shape[0] == shape[0]
            && tensor.Count == shape.Aggregate(1L, (product, dimension) => product * dimension)
            && (tensor.Shape.Count == 2 || shape.Count == 2);
        return isSame ? tensor
            : isFlattened ? tensor with { Shape = [.. shape] }
            : null;
    }

    private static bool IsUnneeded(string name) => name.Split('.', '/').Any(UnneededParts.Contains);

    /// <summary>
    /// Whether a tensor has one of Keras's own names for fully connected layers. They are the head of a user's network,
    /// such as the two layers that Teachable Machine puts on MobileNetV2 (dense_Dense1 and dense_Dense2). Keras
    /// applications name theirs.
    /// </summary>
    public static bool IsNewHead(WeightFile file, string name) =>
        file.IsChannelsLast
        && name.Split('/').SkipLast(1).Any(part =>
            part == "dense" || part.StartsWith("dense_", StringComparison.Ordinal)
        );

    private static string Describe(
        WeightFile file,
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected,
        List<string> missing,
        string[] unexpected,
        List<string> wronglyShaped
    )
    {
        List<string> parts = [];
        Add(parts, missing, "missing", name =>
            $"'{name}' {Shape(expected[name])}{Nearest(name, expected[name], file, unexpected)}"
        );
        Add(parts, unexpected, "unexpected", name => $"'{name}' {Shape(file.Tensors[name].Shape)}");
        Add(parts, wronglyShaped, "of another shape", name =>
            $"'{name}' is {Shape(file.Tensors[name].Shape)}, {Shape(expected[name])} is needed"
        );
        return $"they do not fit this network: {string.Join("; ", parts)}; choose the body that the file was made for";
    }

    private static void Add(List<string> parts, IReadOnlyList<string> names, string what, Func<string, string> describe)
    {
        if (names.Count > 0)
        {
            string more = names.Count > ListedNames ? $" and {names.Count - ListedNames} more" : "";
            parts.Add($"{names.Count} {what}: {string.Join(", ", names.Take(ListedNames).Select(describe))}{more}");
        }
    }

    private static string Nearest(string name, IReadOnlyList<long> shape, WeightFile file, string[] unexpected)
    {
        const int MaximumCandidates = 2000;
        const int SameShapeBonus = 4;
        string? nearest = unexpected
            .Take(MaximumCandidates)
            .MinBy(candidate =>
                Distance(name, candidate)
                - (file.Tensors[candidate].Shape.Order().SequenceEqual(shape.Order()) ? SameShapeBonus : 0)
            );
        return nearest is null ? "" : $" (nearest: '{nearest}' {Shape(file.Tensors[nearest].Shape)})";
    }

    private static string Shape(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The Levenshtein distance between the first hundred characters of two names.</summary>
    private static int Distance(string a, string b)
    {
        const int ComparedLength = 100;
        (a, b) = (a[..Math.Min(a.Length, ComparedLength)], b[..Math.Min(b.Length, ComparedLength)]);
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
