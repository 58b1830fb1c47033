using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace Graft.Infrastructure;

/// <summary>
/// Makes untrusted text, such as a file name, safe to print: one line, no terminal escapes, no reordering.
/// </summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Printable
{
    /// <summary>
    /// Writes control characters, format characters and unpaired surrogates as \uXXXX, and shortens long text.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">Number of characters after which the text is cut off with an ellipsis.</param>
    public static string Text(string text, int limit = 400)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder safe = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (safe.Length >= limit)
            {
                return safe.Append('…').ToString();
            }

            bool isUnsafe =
                Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.Surrogate;
            if (isUnsafe)
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                safe.Append(rune.ToString());
            }
        }

        return safe.ToString();
    }
}
