using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Loads the body of a training, wherever it comes from.</summary>
internal static class TrainableBodyLoader
{
    /// <summary>
    /// Loads an earlier model's body, joined bodies, an ONNX file, an imported body or a body of the catalogue, in this
    /// order.
    /// </summary>
    /// <exception cref="GraftException">
    /// The body is unknown or unreadable, its weights do not fit, or the plan asks for a classifier that it lacks.
    /// </exception>
    public static TrainableBody Load(BodyPlan plan) => LoadAsTrained(plan).With(plan.Fit);

    // With the fit of its own input transform.
    private static TrainableBody LoadAsTrained(BodyPlan plan)
    {
        BodyStore store = BodyStore.OfUser();
        if (plan.Branches.Count > 0 && plan.ContinueFrom is null)
        {
            return JoinedBody.Load(plan, store, LoadAsTrained);
        }

        bool isFile = plan.IsOnnxFile;
        if (plan.InputSize is int fixedSize && (plan.ContinueFrom is not null || (!isFile && store.Has(plan.Body))))
        {
            string owner = plan.ContinueFrom is null ? $"'{Printable.Text(plan.Body)}'" : "an earlier model";
            throw FixedSize(fixedSize, owner);
        }

        if (plan.ContinueFrom is not null)
        {
            return PreviousModel.Load(plan.ContinueFrom, plan.Limits);
        }

        if (isFile)
        {
            return LoadFile(plan);
        }

        return store.Has(plan.Body) ? LoadImported(store, plan) : LoadNamed(store, plan);
    }

    // An imported body has no classifier: importing cuts it off.
    private static TrainableBody LoadImported(BodyStore store, BodyPlan plan) =>
        plan.Weights is null
            ? WithPretrainedHead(store.Load(plan.Body, plan.FeatureEdge, plan.Limits), network: null, plan)
            : throw new GraftException(
                $"'{Printable.Text(plan.Weights)}' cannot be used: the imported body '{Printable.Text(plan.Body)}' has "
                    + "its own weights; leave the file out, or name a body of the catalogue"
            )
            {
                Option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.Weights)}",
            };

    private static TrainableBody LoadFile(BodyPlan plan)
    {
        InputTransform? transform = plan.InputTransform is null ? null : InputTransform.Parse(plan.InputTransform);
        ForeignBody body = ForeignBody.Read(plan.Body, plan.FeatureEdge, transform, plan.Limits, plan.InputSize);
        if (plan.InputSize is int side && (body.Network.Input.Height, body.Network.Input.Width) != (side, side))
        {
            throw FixedSize(side, $"'{Printable.Text(plan.Body)}'");
        }

        return WithPretrainedHead(body.ToTrainableBody(plan.Body), body.Network.Model, plan);
    }

    private static GraftException FixedSize(int size, string owner) =>
        new(
            $"an input size of {size} pixels cannot be used: the file of {owner} fixes the size; "
                + "leave the size out, or choose a body of the catalogue"
        );

    private static TrainableBody LoadNamed(BodyStore store, BodyPlan plan)
    {
        BodyEntry entry = NamedBodies.Find(plan.Body);
        Body body = NamedBodies.Load(
            plan.Body,
            plan.Weights ?? store.WeightsOf(entry),
            size: plan.InputSize ?? entry.TransferSize
        );
        Preprocessing preprocessing = body.Card.Preprocessing;
        FeatureBoundary boundary = plan.FeatureEdge is null
            ? body.Boundary
            : FeatureBoundary.FromEdge(body.Model, plan.FeatureEdge, [3, preprocessing.Height, preprocessing.Width]);
        TrainableBody trainable = new(Subgraph.Prefix(body.Model, boundary.Edge), boundary, body.Card);
        return WithPretrainedHead(trainable, body.HasClassifier ? body.Model : null, plan);
    }

    /// <param name="network">The network with its classifier; null where the weights came without one.</param>
    private static TrainableBody WithPretrainedHead(TrainableBody body, OnnxModel? network, BodyPlan plan) =>
        plan.KeepsPretrainedHead
            ? body with
            {
                PretrainedHead = PretrainedHead.Of(network, body.Boundary.Edge, body.InputShape, plan.Body),
            }
            : body;
}
