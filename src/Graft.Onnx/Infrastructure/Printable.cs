using System.Globalization;
using System.Text;

namespace Graft.Infrastructure;

/// <summary>
/// Makes untrusted text, a file's name for instance, safe to print: one line, no terminal escapes, no reordering.
/// </summary>
internal static class Printable
{
    /// <summary>
    /// <paramref name="text"/> with control, format and unpaired surrogate characters written as \uXXXX, cut after
    /// <paramref name="limit"/> characters.
    /// </summary>
    public static string Text(string text, int limit = 400)
    {
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
