using System.ComponentModel;
using System.Text;
using System.Text.RegularExpressions;

namespace Graft.Infrastructure;

/// <summary>Patterns of file names: '*' and '?' match within a name, '**' across folders.</summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GlobPattern
{
    /// <summary>The expression that matches what a pattern does. It takes linear time on any path.</summary>
    /// <param name="pattern">The pattern, with '/'.</param>
    /// <param name="before">Expression of what comes before it.</param>
    /// <param name="after">Expression of what comes after it.</param>
    /// <param name="ignoresCase">True where upper and lower case are the same.</param>
    /// <exception cref="NotSupportedException">The pattern is too long.</exception>
    public static Regex ToRegex(string pattern, string before, string after, bool ignoresCase)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(pattern);
        StringBuilder expression = new(before);
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern.AsSpan(i).StartsWith("**/"))
            {
                expression.Append("(.*/)?");
                i += 2;
            }
            else if (pattern.AsSpan(i).StartsWith("**"))
            {
                expression.Append(".*");
                i++;
            }
            else
            {
                expression.Append(
                    pattern[i] switch
                    {
                        '*' => "[^/]*",
                        '?' => "[^/]",
                        char other => Regex.Escape(other.ToString()),
                    }
                );
            }
        }

        const RegexOptions options =
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;
        return new(expression.Append(after).ToString(), ignoresCase ? options | RegexOptions.IgnoreCase : options);
    }
}
