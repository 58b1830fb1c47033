using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Graft.Infrastructure;

namespace Graft.Cli.Verbs;

/// <summary>The option --head.</summary>
internal static class HeadFlag
{
    public static Option<RequestedHead> Create() =>
        new("--head")
        {
            Description =
                "New classifier: one linear layer, or hidden layers of N units before it; auto adds a hidden layer "
                + "if cross-validation finds it better [default: auto]",
            HelpName = "auto|linear|N[,N]",
            CustomParser = result => new(Widths(result)),
        };

    private static List<int>? Widths(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (text.Equals("linear", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        List<int> widths = [];
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int width))
            {
                string meant = NearestName.Find(text, ["linear", "auto"]) is string near
                    ? $"did you mean '{near}'?"
                    : "it takes 'auto', 'linear' or the widths of hidden layers, such as 256 or 512,128";
                result.AddError($"'--head' cannot be '{Printable.Text(text)}': {meant}");
                return [];
            }

            widths.Add(width);
        }

        return widths;
    }
}

/// <summary>What --head was given.</summary>
/// <param name="Hidden">Null: searched.</param>
internal readonly record struct RequestedHead(IReadOnlyList<int>? Hidden);
