using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options that say what is kept between runs.</summary>
internal sealed class CacheFlags
{
    private static readonly (string Unit, double Bytes)[] s_units =
    [
        ("TB", 1e12),
        ("GB", 1e9),
        ("MB", 1e6),
        ("kB", 1e3),
        ("B", 1),
    ];

    private readonly Option<bool> _off = Flag.Switch(
        "--no-cache",
        "Neither read nor keep cached results (see graft cache)"
    );
    private readonly Option<long?> _limit = new("--cache-limit")
    {
        Description =
            "Largest size of the cache on disk, such as 20GB; the least recently used entries go first; by default "
                + "a quarter of the free space, at most 64 GiB",
        HelpName = "SIZE",
        CustomParser = Size,
    };

    public IReadOnlyList<Option> All => [_off, _limit];

    public CacheOptions Read(ParseResult parsed) =>
        new() { IsOn = !parsed.GetValue(_off), LimitBytes = parsed.GetValue(_limit) };

    /// <summary>Such as "1.2 GB".</summary>
    public static string Text(long bytes)
    {
        (string unit, double size) = s_units.First(unit => bytes >= unit.Bytes || unit.Bytes <= 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / size:0.#} {unit}");
    }

    private static long? Size(ArgumentResult result)
    {
        string word = result.Tokens[0].Value;
        (string unit, double bytes) = s_units.FirstOrDefault(
            unit => word.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase),
            ("", 1)
        );
        bool isNumber = double.TryParse(
            word[..^unit.Length],
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out double number
        );
        if (isNumber && number * bytes <= long.MaxValue / 2)
        {
            return (long)(number * bytes);
        }

        result.AddError($"'--cache-limit' cannot be '{Printable.Text(word)}': it takes a size such as 20GB or 500MB");
        return null;
    }
}
