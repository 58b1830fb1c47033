using Graft.Infrastructure;

namespace Graft.Cli;

/// <summary>
/// How the user started this program, so that a command that is shown works as it stands: `graft`, the path of the
/// program, or `dotnet run … --`.
/// </summary>
internal static class Invocation
{
    private const string Command = "graft";

    private static readonly Lazy<string> s_program = new(() =>
        OfProgram(Environment.ProcessPath, Environment.GetCommandLineArgs()[0], ParentProcess.Arguments())
    );

    /// <summary>A command line for a shell.</summary>
    public static string Line(params IEnumerable<string> words) =>
        string.Join(' ', words.Select(Quoted).Prepend(s_program.Value));

    /// <summary>As a shell takes it: names with spaces and signs in single quotes.</summary>
    public static string Quoted(string word)
    {
        string safe = Printable.Text(word);
        bool isPlain =
            safe.Length > 0
            && safe.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '\\' or ':' or '=');
        return isPlain ? safe : $"'{safe.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <param name="process">Path of the process.</param>
    /// <param name="assembly">Path of the program's assembly.</param>
    /// <param name="parent">The words of the process that started this one.</param>
    internal static string OfProgram(string? process, string assembly, IReadOnlyList<string> parent)
    {
        string name = NameOf(process ?? Command);
        return DotnetRun(parent) is string run ? run
            : name is "dotnet" ? $"dotnet {Quoted(Near(assembly))}"
            : name is "Graft.Cli" && !IsInstalledTool(process!) ? Quoted(Near(process!))
            : Command;
    }

    // dotnet tool install puts the program into a store, and a link named as the command beside it.
    private static bool IsInstalledTool(string process) =>
        process.Replace('\\', '/').Contains("/.store/graft.cli/", StringComparison.OrdinalIgnoreCase);

    // dotnet run --project src/Graft.Cli -- train photos: all up to the two dashes
    private static string? DotnetRun(IReadOnlyList<string> parent)
    {
        if (parent.Count < 2 || NameOf(parent[0]) != "dotnet" || !parent.Contains("run"))
        {
            return null;
        }

        IEnumerable<string> words = parent.Skip(1).SkipWhile(word => word != "run").TakeWhile(word => word != "--");
        return string.Join(' ', words.Select(Quoted).Prepend("dotnet").Append("--"));
    }

    private static string NameOf(string program)
    {
        string name = Path.GetFileName(program);
        return name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
    }

    // Relative to the working directory where the program lies below it.
    private static string Near(string path)
    {
        string near = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return near.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(near) ? path
            : near.Contains(Path.DirectorySeparatorChar) ? near
            : $".{Path.DirectorySeparatorChar}{near}";
    }
}
