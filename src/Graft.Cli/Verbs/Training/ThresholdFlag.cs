using System.CommandLine;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The option --threshold.</summary>
internal static class ThresholdFlag
{
    public static Option<LabelThreshold> Create() =>
        new("--threshold")
        {
            Description =
                "Where images may have several labels: from which probability a label is given; f1: each label's best "
                + "on held-out images; precision=SHARE: so that this share of the given labels is right there; or "
                + "one probability for all; by default f1",
            HelpName = "f1|precision=SHARE|P",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (LabelThreshold.TryParse(text, out LabelThreshold? threshold))
                {
                    return threshold;
                }

                result.AddError(
                    $"'--threshold' cannot be '{Printable.Text(text)}': it takes f1, precision=0.95, or a probability "
                        + "such as 0.5"
                );
                return default;
            },
        };
}
