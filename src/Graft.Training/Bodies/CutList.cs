using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Lists the cut points of a body without loading weights that a built network does not need.</summary>
internal static class CutList
{
    public static BodyCuts Of(BodySource body)
    {
        if (body.Branches.Count > 0)
        {
            throw new GraftException(
                $"'{Printable.Text(body.Text)}' has no cuts of its own: each of the joined bodies has; name one of them"
            );
        }

        BodyStore store = BodyStore.OfUser();
        return body.File is string path ? OfFile(path, body.InputSize)
            : store.Has(body.Text) ? OfImported(store, body.Text, body.InputSize)
            : OfNamed(body.Text, body.InputSize);
    }

    // Costs and shapes do not depend on the weights' values, so that zeros will do.
    private static BodyCuts OfNamed(string name, int? size)
    {
        BodyEntry entry = NamedBodies.Find(name);
        int side = size ?? entry.InputSize;
        BuiltNetwork network = entry.Architecture.Build(side);
        foreach (TensorProto parameter in network.Parameters)
        {
            long count = TensorValues.ElementCount(parameter, parameter.Name);
            parameter.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[checked(count * sizeof(float))]);
        }

        return List(network.Model, [3, side, side], network.FeatureEdge);
    }

    private static BodyCuts OfFile(string path, int? size)
    {
        ImportedNetwork network = OnnxImport.Read(path, size: size is int side ? new ImageSize(side, side) : null);
        RequireSize(size, network.Input.Width, network.Input.Height, path);
        string? features = FeatureEdgeOf(network.Model, network.InputShape);
        return List(network.Model, network.InputShape, features) with { IsSizeAssumed = network.Input.IsSizeAssumed };
    }

    private static BodyCuts OfImported(BodyStore store, string name, int? size)
    {
        TrainableBody body = store.Load(name, features: null);
        RequireSize(size, body.Preprocessing.Width, body.Preprocessing.Height, name);
        return List(body.Model, body.InputShape, body.Boundary.Edge);
    }

    private static BodyCuts List(OnnxModel model, long[] shape, string? featureEdge) =>
        new(shape, featureEdge, [.. CutPoints.Find(model, shape).Select(cut => new BodyCut(cut))]);

    private static void RequireSize(int? size, int width, int height, string body)
    {
        if (size is int side && (side != width || side != height))
        {
            string reason = $"'{Printable.Text(body)}' takes {width} x {height} pixels and no others; leave it out";
            throw new OptionsException([
                new($"{nameof(TrainingOptions.Body)}.{nameof(BodySource.InputSize)}", $"{side}", reason),
            ]);
        }
    }

    // A network without a classifier has cut points all the same.
    private static string? FeatureEdgeOf(OnnxModel model, long[] shape)
    {
        try
        {
            return FeatureBoundary.Find(model, shape).Edge;
        }
        catch (OnnxException)
        {
            return null;
        }
    }
}
