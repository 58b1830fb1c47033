using System.CommandLine;
using System.Globalization;
using Graft.Infrastructure;

namespace Graft.Cli.Verbs;

/// <summary>The option --views.</summary>
internal static class ViewsFlag
{
    public static Option<RequestedViews> Create() =>
        new("--views")
        {
            Description =
                "Random crops and flips of each image beside the plain view, 0 to 64; by default more for fewer "
                + "images; fresh: new ones in every epoch, computed each time",
            HelpName = "N|fresh",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (text.Equals("fresh", StringComparison.OrdinalIgnoreCase))
                {
                    return new(null, IsFresh: true);
                }

                if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int count))
                {
                    return new(count, IsFresh: false);
                }

                result.AddError($"'--views' cannot be '{Printable.Text(text)}': it takes a whole number, or 'fresh'");
                return default;
            },
        };
}

/// <summary>What --views was given.</summary>
/// <param name="Count">Null: by the number of images.</param>
internal readonly record struct RequestedViews(int? Count, bool IsFresh);
