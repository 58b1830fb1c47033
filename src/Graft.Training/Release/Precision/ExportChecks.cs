using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.Release;

/// <summary>What must hold before and after an export in less precision.</summary>
internal static class ExportChecks
{
    /// <summary>
    /// The model must be in float32 and know the classes of the images, and the card of the new model must not replace
    /// a file that is no card.
    /// </summary>
    /// <exception cref="GraftException">It is not, does not, or would.</exception>
    public static void RequireUsable(ModelCard card, ImageSplit images, string name, string path)
    {
        RequireFreeCard(path);
        if (card.Precision != ModelPrecision.Float32)
        {
            throw new OnnxException(
                name,
                $"it is in {Text(card.Precision)} already; use the model that it was made from"
            );
        }

        HashSet<string> known = [.. card.Labels];
        bool areSets = card.Task == ClassificationTask.MultiLabel;
        if (images.Images.FirstOrDefault(image => !areSets && image.Labels.Count != 1) is LabelledImage several)
        {
            throw new GraftException(
                $"'{Printable.Text(several.Name)}' cannot be used: it has {several.Labels.Count} labels, and the model "
                    + "knows exactly one a picture; name the images that the model was trained on"
            );
        }

        foreach (LabelledImage image in images.Images)
        {
            if (image.Labels.FirstOrDefault(label => !known.Contains(label)) is string unknown)
            {
                throw new GraftException(
                    $"'{Printable.Text(image.Name)}' cannot be used: its class '{Printable.Text(unknown)}' is none "
                        + "of the model's; name the images that the model was trained on"
                );
            }
        }
    }

    private static void RequireFreeCard(string path)
    {
        string card = ModelCard.PathBeside(path);
        if (!File.Exists(card))
        {
            return;
        }

        try
        {
            _ = ModelCard.Parse(File.ReadAllText(card), card);
        }
        catch (ModelCardException error)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be written: its card would replace '{Printable.Text(card)}', which "
                    + "is something else; choose another name",
                error
            );
        }
    }

    /// <summary>The exported model must keep its accuracy, and be faster in int8.</summary>
    /// <exception cref="GraftException">It is refused; the message has the figures.</exception>
    public static void RequireWorthIt(ExportResult result, ExportOptions options, string name)
    {
        string precision = Text(options.Precision);
        Comparison compared = result.Comparison;
        if (result.Loss > options.MaxLoss + 1e-9)
        {
            throw new GraftException(
                $"'{Printable.Text(name)}' cannot be exported in {precision}: its {Measure(compared)} on "
                    + $"{compared.First.Count:N0} {Text(result.ComparedPart)} images {Fall(compared)}, and "
                    + $"{options.MaxLoss:0.##%} may be lost; accept more, or export "
                    + (options.Precision == ModelPrecision.Int8 ? "float16" : "nothing")
            )
            {
                Option = nameof(ExportOptions.MaxLoss),
            };
        }

        if (options.Precision == ModelPrecision.Int8 && options.MustBeFaster && result.Speedup <= 1)
        {
            throw new GraftException(
                $"'{Printable.Text(name)}' cannot be exported in {precision}: it is not faster on this machine, "
                    + $"{result.Milliseconds:0.0} ms an image instead of {result.SourceMilliseconds:0.0} ms; export "
                    + "float16, or accept it for its size"
            )
            {
                Option = nameof(ExportOptions.MustBeFaster),
            };
        }
    }

    /// <summary>A precision as it is written.</summary>
    public static string Text(ModelPrecision precision) => precision.ToString().ToLowerInvariant();

    private static string Measure(Comparison compared) =>
        compared.First.MeanAveragePrecision is null ? "accuracy" : "mean average precision";

    private static string Fall(Comparison compared) =>
        compared.MeanAveragePrecisionDifference is PairedDifference difference
            ? $"falls from {compared.First.MeanAveragePrecision:0.0000} to "
                + $"{compared.Second.MeanAveragePrecision:0.0000} (paired bootstrap p = {difference.PValue:0.###})"
            : $"falls from {compared.First.Accuracy:P1} to {compared.Second.Accuracy:P1} (McNemar p = "
                + $"{compared.PValue:0.###})";

    private static string Text(ImagePart part) => part.ToString().ToLowerInvariant();
}
