using System.CommandLine;
using System.Globalization;
using Graft.Infrastructure;

namespace Graft.Cli;

/// <summary>`--limit NAME=VALUE`: what images, folders and models may cost before they are refused.</summary>
internal static class LimitFlag
{
    private static readonly Dictionary<string, Func<Limits, double, Limits>> Names = new(
        StringComparer.OrdinalIgnoreCase
    )
    {
        ["file-bytes"] = (limits, value) => limits with { Image = limits.Image with { FileBytes = (long)value } },
        ["pixels"] = (limits, value) => limits with { Image = limits.Image with { Pixels = (long)value } },
        ["side"] = (limits, value) => limits with { Image = limits.Image with { Side = (int)value } },
        ["image-memory"] = (limits, value) => limits with { Image = limits.Image with { Memory = (long)value } },
        ["decode-seconds"] = (limits, value) =>
            limits with
            {
                Image = limits.Image with { Time = TimeSpan.FromSeconds(value) },
            },
        ["folder-depth"] = (limits, value) => limits with { FolderDepth = (int)value },
        ["model-bytes"] = (limits, value) => limits with { ModelBytes = (long)value },
        ["model-nodes"] = (limits, value) => limits with { ModelNodes = (int)value },
    };

    private static readonly string[] s_ofModels = ["model-bytes", "model-nodes"];

    /// <summary>Names of the limits of models.</summary>
    public static IReadOnlyList<string> OfModels => s_ofModels;

    /// <summary>Names of the limits of images and folders.</summary>
    public static IReadOnlyList<string> OfImages { get; } = [.. Names.Keys.Except(s_ofModels)];

    /// <summary>The option.</summary>
    /// <param name="names">The limits that have an effect; null: all.</param>
    public static Option<string[]> Create(IReadOnlyList<string>? names = null) =>
        new("--limit")
        {
            Description =
                "Raise or lower a limit on what a file may cost; can be given several times: "
                + $"{string.Join(", ", names ?? [.. Names.Keys])}",
            HelpName = "NAME=VALUE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

    /// <summary><paramref name="start"/>, or the defaults, changed as was asked.</summary>
    /// <param name="given">What the user wrote.</param>
    /// <param name="start">What holds where nothing is given.</param>
    /// <param name="names">The limits that have an effect; null: all.</param>
    /// <exception cref="UsageException">A name is not known, or a value no number or out of its range.</exception>
    public static Limits Read(
        IReadOnlyList<string>? given,
        Limits? start = null,
        IReadOnlyList<string>? names = null
    )
    {
        IReadOnlyList<string> used = names ?? [.. Names.Keys];
        Limits limits = start ?? new();
        foreach (string word in given ?? [])
        {
            string[] parts = word.Split('=', 2);
            Func<Limits, double, Limits> change = Find(parts[0], word, used);

            bool isNumber =
                double.TryParse(
                    parts.ElementAtOrDefault(1),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out double value
                )
                && value > 0
                && value < 1e13;
            limits = isNumber
                ? change(limits, value)
                : throw new UsageException(
                    $"'--limit' cannot be '{Printable.Text(word)}': write {parts[0]}=NUMBER, a number above 0"
                );
        }

        IReadOnlyList<OptionProblem> problems = limits.FindProblems();
        return problems.Count == 0
            ? limits
            : throw new UsageException(
                string.Join(
                    "; ",
                    problems.Select(problem => problem.Describe(OptionFlags.Of($"Limits.{problem.Property}")))
                )
            );
    }

    private static Func<Limits, double, Limits> Find(string name, string word, IReadOnlyList<string> used)
    {
        bool isKnown = Names.TryGetValue(name, out Func<Limits, double, Limits>? change);
        if (isKnown && used.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return change!;
        }

        string all = $"it is one of {string.Join(", ", used)}";
        string meant = isKnown ? $"it has no effect here; {all}"
            : NearestName.Find(name, used) is string near ? $"did you mean '{near}'?"
            : all;
        throw new UsageException($"'--limit' cannot be '{Printable.Text(word)}': {meant}");
    }
}
