using System.Globalization;
using System.Text;

namespace Graft.Cli;

/// <summary>The process that started this one. Known on Linux only; elsewhere nothing is said of it.</summary>
internal static class ParentProcess
{
    /// <summary>Its words; none where they are not known.</summary>
    public static IReadOnlyList<string> Arguments()
    {
        try
        {
            return OperatingSystem.IsLinux() && Parent() is int parent
                ? Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{parent}/cmdline")).TrimEnd('\0').Split('\0')
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int? Parent()
    {
        string? line = File.ReadLines("/proc/self/status")
            .FirstOrDefault(line => line.StartsWith("PPid:", StringComparison.Ordinal));
        return int.TryParse(line?[5..], NumberStyles.Integer, CultureInfo.InvariantCulture, out int parent)
            ? parent
            : null;
    }
}
