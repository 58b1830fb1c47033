using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Graft.Infrastructure;

namespace Graft.Cli;

/// <summary>Makes options whose messages name the option, the value and what was expected.</summary>
internal static class Flag
{
    /// <param name="otherwise">Shown as the default.</param>
    public static Option<T> Number<T>(string name, string valueName, string description, T otherwise)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = valueName,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result => Parse<T>(result, name),
        };

    /// <summary>A number that is found by the program where none is given; the description says how.</summary>
    public static Option<T?> NumberOrNone<T>(string name, string valueName, string description)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = valueName,
            CustomParser = result => Parse<T>(result, name),
        };

    /// <summary>A share of a whole, as 0.01 or 1%; none where it is not given.</summary>
    public static Option<double?> ShareOrNone(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "SHARE",
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                bool isPercent = word.EndsWith('%');
                if (
                    !double.TryParse(
                        isPercent ? word[..^1] : word,
                        NumberStyles.Float,
                        CultureInfo.InvariantCulture,
                        out double number
                    )
                )
                {
                    result.AddError(
                        $"'{name}' cannot be '{Printable.Text(word)}': it takes a share, such as 0.01 or 1%"
                    );
                }

                return isPercent ? number / 100 : number;
            },
        };

    /// <summary>A time as 90s, 5m or 1.5h; none where it is not given.</summary>
    public static Option<TimeSpan?> TimeOrNone(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                double unit =
                    word.Length == 0
                        ? 0
                        : char.ToLowerInvariant(word[^1]) switch
                        {
                            's' => 1,
                            'm' => 60,
                            'h' => 3600,
                            _ => 0,
                        };
                if (
                    unit > 0
                    && double.TryParse(word[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double units)
                    && Math.Abs(units) < 1e9
                )
                {
                    return TimeSpan.FromSeconds(units * unit);
                }

                result.AddError(
                    $"'{name}' cannot be '{Printable.Text(word)}': it takes a time, such as 90s, 5m or 1.5h"
                );
                return null;
            },
        };

    public static Option<string?> Text(string name, string valueName, string description, string? otherwise = null)
    {
        Option<string?> option = new(name) { Description = description, HelpName = valueName };
        if (otherwise is not null)
        {
            option.DefaultValueFactory = _ => otherwise;
        }

        return option;
    }

    public static Option<bool> Switch(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>One of the names of an enumeration, lower case on the command line.</summary>
    public static Option<string> OneOf<T>(string name, string description, T otherwise)
        where T : struct, Enum =>
        new(name)
        {
            Description = description,
            HelpName = string.Join('|', NamesOf<T>()),
            DefaultValueFactory = _ => otherwise.ToString().ToLowerInvariant(),
            CustomParser = result => NameOf<T>(result, name),
        };

    /// <summary>The same where the program chooses if none is given; the description says how.</summary>
    public static Option<string?> OneOfOrNone<T>(string name, string description)
        where T : struct, Enum =>
        new(name)
        {
            Description = description,
            HelpName = string.Join('|', NamesOf<T>()),
            CustomParser = result => NameOf<T>(result, name),
        };

    /// <summary>The value that a name checked by <see cref="OneOf"/> stands for.</summary>
    public static T ValueOf<T>(string name)
        where T : struct, Enum => Enum.Parse<T>(name, ignoreCase: true);

    /// <summary>The value of --threads.</summary>
    /// <exception cref="UsageException">It is not between 0 and 1024.</exception>
    public static int ThreadCount(int count) =>
        count is >= 0 and <= 1024
            ? count
            : throw new UsageException($"'--threads' cannot be {count}: it must lie between 0 and 1024");

    private static string[] NamesOf<T>()
        where T : struct, Enum => Array.ConvertAll(Enum.GetNames<T>(), value => value.ToLowerInvariant());

    private static string NameOf<T>(ArgumentResult result, string name)
        where T : struct, Enum
    {
        string[] names = NamesOf<T>();
        string word = result.Tokens[0].Value;
        if (!names.Contains(word.ToLowerInvariant()))
        {
            string meant = NearestName.Find(word, names) is string near
                ? $"did you mean '{near}'?"
                : $"it is one of {string.Join(", ", names)}";
            result.AddError($"'{name}' cannot be '{Printable.Text(word)}': {meant}");
        }

        return word.ToLowerInvariant();
    }

    private static T Parse<T>(ArgumentResult result, string name)
        where T : struct, INumber<T>
    {
        string word = result.Tokens[0].Value;
        bool isWhole = typeof(T) == typeof(int) || typeof(T) == typeof(long);
        NumberStyles style = isWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        if (!T.TryParse(word, style, CultureInfo.InvariantCulture, out T number))
        {
            result.AddError(
                $"'{name}' cannot be '{Printable.Text(word)}': it takes a "
                    + $"{(isWhole ? "whole number" : "number with a point, such as 0.01")}"
            );
        }

        return number;
    }
}
