using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>A body ready for a new head: its own is cut off.</summary>
/// <param name="Model">Ends at the seam's edge; takes normalised images.</param>
/// <param name="Seam">Its last edge.</param>
internal sealed record TrainableBody(OnnxModel Model, FeatureSeam Seam, BodyDescription Card)
{
    public Preprocessing Preprocessing => Card.Preprocessing;

    /// <summary>3 x H x W.</summary>
    public long[] InputShape => [3, Preprocessing.Height, Preprocessing.Width];

    /// <summary>The head that it had in an earlier run's model; null for a body of any other origin.</summary>
    public PreviousHead? Earlier { get; init; }

    /// <summary>The classifier that it came with; null where co-tuning is not asked for.</summary>
    public PretrainedHead? PretrainedHead { get; init; }

    /// <summary>Of the training that it is for; empty before the data are read.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>What the user should know of it before it is trained.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>A named body of the catalogue, one that was imported, or an ONNX file.</summary>
    /// <exception cref="GraftException">It is not known, cannot be read, or its weights do not fit.</exception>
    public static TrainableBody Load(TrainingOptions options)
    {
        BodyStore store = BodyStore.OfUser();
        bool isFile = options.Body.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        if (options.InputSize is not null && (options.ContinueFrom is not null || isFile || store.Has(options.Body)))
        {
            throw new GraftException(
                $"'--size {options.InputSize}' cannot be used: the size of {(options.ContinueFrom is null ? $"'{Printable.Text(options.Body)}'" : "an earlier model")} is part of its file; leave it out, or choose a named body (graft bodies)"
            );
        }

        if (options.ContinueFrom is not null)
        {
            return PreviousModel.Load(options.ContinueFrom);
        }

        if (isFile)
        {
            return ForeignBody.Load(options.Body, options);
        }

        if (store.Has(options.Body))
        {
            // importing cuts the classifier off
            return store.Load(options.Body, options.FeatureEdge, options.Limits).With(null, options);
        }

        BodyEntry entry = NamedBodies.Find(options.Body);
        Body body = NamedBodies.Load(
            options.Body,
            options.Weights ?? store.WeightsOf(entry),
            size: options.InputSize ?? entry.TransferSize
        );
        FeatureSeam seam = options.FeatureEdge is null
            ? new(body.FeatureEdge, FeatureKind.Map, "the last feature map")
            : FeatureSeam.At(
                body.Model,
                options.FeatureEdge,
                [3, body.Card.Preprocessing.Height, body.Card.Preprocessing.Width]
            );
        return new TrainableBody(GraphEdit.Prefix(body.Model, seam.Edge), seam, body.Card).With(
            body.HasClassifier ? body.Model : null,
            options
        );
    }

    /// <summary>This with the old head, where co-tuning asks for it.</summary>
    /// <param name="network">With its classifier; null: there is none.</param>
    /// <exception cref="GraftException">It is asked for and there is none.</exception>
    public TrainableBody With(OnnxModel? network, TrainingOptions options) =>
        options.FineTune.CoTuning is null
            ? this
            : this with
            {
                PretrainedHead = PretrainedHead.Of(network, this, options.Body),
            };
}
