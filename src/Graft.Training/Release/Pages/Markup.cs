using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Graft.Infrastructure;

namespace Graft.Training.Release;

/// <summary>HTML that is written as it is. Any other text is encoded.</summary>
/// <param name="Html">The HTML.</param>
internal sealed record Markup(string Html)
{
    /// <summary>Nothing.</summary>
    public static Markup Empty { get; } = new("");

    /// <summary>Encodes what has a meaning in HTML, and nothing else.</summary>
    public static HtmlEncoder Encoder { get; } = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>
    /// HTML whose arguments are encoded, unless they are <see cref="Markup"/>. Numbers are in the invariant culture.
    /// </summary>
    public static Markup Of(FormattableString html) =>
        new(
            string.Format(
                CultureInfo.InvariantCulture,
                html.Format,
                [.. html.GetArguments().Select(argument => (object)HtmlOf(argument))]
            )
        );

    /// <summary>The pieces one after the other.</summary>
    public static Markup Join(IEnumerable<Markup> pieces) => new(string.Concat(pieces.Select(piece => piece.Html)));

    /// <summary>Encodes untrusted text, such as names of files and classes.</summary>
    public static string Text(string untrusted) => Encoder.Encode(Printable.Text(untrusted));

    /// <inheritdoc/>
    public override string ToString() => Html;

    private static string HtmlOf(object? argument) =>
        argument is Markup markup ? markup.Html : Text(Convert.ToString(argument, CultureInfo.InvariantCulture) ?? "");
}
