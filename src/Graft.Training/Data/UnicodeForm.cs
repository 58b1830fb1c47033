using System.Globalization;
using System.Text;

namespace Graft.Training.Data;

/// <summary>
/// Composes accents and Korean syllables, as Unicode's form C does. .NET cannot without ICU, which Graft does not need.
/// </summary>
internal static class UnicodeForm
{
    private const int FirstSyllable = 0xAC00;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int FirstTail = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;

    private static readonly Lazy<Dictionary<(char, char), char>> s_pairs = new(ReadPairs);

    /// <summary>The text with letters and their marks as single characters, where there are such.</summary>
    public static string Compose(string text)
    {
        if (!text.Any(c => IsMark(c) || c is >= (char)FirstLead and < (char)(FirstTail + TailCount)))
        {
            return text;
        }

        StringBuilder composed = new(text.Length);
        int letter = -1;
        foreach (char c in text)
        {
            if (letter >= 0 && Pair(composed[letter], c) is char both)
            {
                composed[letter] = both;
                continue;
            }

            letter = IsMark(c) ? letter : composed.Length;
            composed.Append(c);
        }

        return composed.ToString();
    }

    private static bool IsMark(char c) => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark;

    private static char? Pair(char first, char second)
    {
        int vowel = second - FirstVowel;
        if (first - FirstLead is >= 0 and < LeadCount and int lead && vowel is >= 0 and < VowelCount)
        {
            return (char)(FirstSyllable + (((lead * VowelCount) + vowel) * TailCount));
        }

        int syllable = first - FirstSyllable;
        int tail = second - FirstTail;
        bool isOpen = syllable is >= 0 and < LeadCount * VowelCount * TailCount && syllable % TailCount == 0;
        return isOpen && tail is > 0 and < TailCount ? (char)(first + tail)
            : s_pairs.Value.TryGetValue((first, second), out char both) ? both
            : null;
    }

    // "0041 0308 00C4": letter, mark and what they become, from the Unicode character database.
    private static Dictionary<(char, char), char> ReadPairs()
    {
        using Stream stream = typeof(UnicodeForm).Assembly.GetManifestResourceStream("composed.txt")!;
        using StreamReader reader = new(stream);
        Dictionary<(char, char), char> pairs = [];
        while (reader.ReadLine() is string line)
        {
            char[] codes =
            [
                .. line.Split(' ')
                    .Select(code => (char)int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
            ];
            pairs.Add((codes[0], codes[1]), codes[2]);
        }

        return pairs;
    }
}
