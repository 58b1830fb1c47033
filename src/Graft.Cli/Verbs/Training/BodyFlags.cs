using System.CommandLine;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The options that say which body is used, and how.</summary>
internal sealed class BodyFlags
{
    private readonly Option<string?> _body = BodyName.Option();
    private readonly Option<string?> _weights = Flag.Text(
        "--weights",
        "FILE",
        "Weight file for a named body; by default the weights that come with it"
    );
    private readonly Option<int?> _size = Flag.NumberOrNone<int>(
        "--size",
        "PIXELS",
        "Side of the square input of a named body, or of an ONNX file that leaves it open, 32 to 1024; by default "
            + "288 for EfficientNet-Lite0, otherwise the size of the pretraining"
    );
    private readonly Option<string?> _features = Flag.Text(
        "--features",
        "EDGE",
        "Edge where the body ends and its old head begins; by default Graft finds it (see graft cuts)"
    );
    private readonly Option<string?> _recipe = Flag.Text(
        "--input-recipe",
        "RECIPE",
        "How the images of an ONNX file's network were prepared: imagenet, half, caffe, raw, zero-to-one or a JSON "
            + "file; by default auto: read from the network, otherwise found by probes of a sample"
    );
    private readonly Option<string?> _fit = Fit("as the body was trained, or what a trial finds for long images");

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_body, _weights, _size, _features, _recipe, _fit];

    /// <summary>The option --fit.</summary>
    /// <param name="otherwise">What holds where it is not given.</param>
    public static Option<string?> Fit(string otherwise) =>
        Flag.OneOfOrNone<ImageFit>(
            "--fit",
            "How an image fills the input: crop keeps the centre and loses the ends of long images; pad and squash "
                + $"show all of it; by default {otherwise}"
        );

    /// <summary>The body as it was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="start">What holds where nothing is given.</param>
    public BodySource Read(ParseResult parsed, BodySource start)
    {
        BodySource body = parsed.IsGiven(_body) ? BodyName.Read(parsed.GetValue(_body)!) : start;
        return body with
        {
            Weights = parsed.Given(_weights, start.Weights),
            InputSize = parsed.Given(_size, start.InputSize),
            FeatureEdge = parsed.Given(_features, start.FeatureEdge),
            InputTransform = parsed.Given(_recipe, start.InputTransform),
            Fit = parsed.NamedOrNone(_fit, start.Fit),
        };
    }
}
