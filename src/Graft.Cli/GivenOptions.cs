using System.CommandLine;

namespace Graft.Cli;

/// <summary>What the user has given on the command line, and something else where it was not given.</summary>
internal static class GivenOptions
{
    /// <summary>The value of an option.</summary>
    public static T Given<T>(this ParseResult parsed, Option<T> option, T otherwise) =>
        parsed.IsGiven(option) ? parsed.GetValue(option)! : otherwise;

    /// <summary>The value of an enumeration that an option names.</summary>
    public static T Named<T>(this ParseResult parsed, Option<string> option, T otherwise)
        where T : struct, Enum => parsed.IsGiven(option) ? Flag.ValueOf<T>(parsed.GetValue(option)!) : otherwise;

    /// <summary>The value of an enumeration that an option names; null where none holds.</summary>
    public static T? NamedOrNone<T>(this ParseResult parsed, Option<string?> option, T? otherwise)
        where T : struct, Enum => parsed.IsGiven(option) ? Flag.ValueOf<T>(parsed.GetValue(option)!) : otherwise;

    /// <summary>Whether the user has given the option.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false };
}
