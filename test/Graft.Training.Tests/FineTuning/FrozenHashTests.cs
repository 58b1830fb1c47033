using Graft.Onnx;
using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

public sealed class FrozenHashTests
{
    private static readonly HashSet<string> s_trained = ["b.weight"];

    [Fact]
    public void A_frozen_weight_that_changes_by_one_bit_changes_the_hash()
    {
        OnnxModel model = ToyWorld.Body();
        string before = FrozenHash.OfFrozen(model, s_trained);

        Flip(model, "a.weight");

        Assert.NotEqual(before, FrozenHash.OfFrozen(model, s_trained));
    }

    [Fact]
    public void A_trained_weight_changes_only_the_hash_of_the_trained_weights()
    {
        OnnxModel model = ToyWorld.Body();
        (string frozen, string trained) = (
            FrozenHash.OfFrozen(model, s_trained),
            FrozenHash.OfTrained(model, s_trained)
        );

        Flip(model, "b.weight");

        Assert.Equal(frozen, FrozenHash.OfFrozen(model, s_trained));
        Assert.NotEqual(trained, FrozenHash.OfTrained(model, s_trained));
    }

    [Fact]
    public void A_changed_node_changes_the_hash()
    {
        OnnxModel model = ToyWorld.Body();
        string before = FrozenHash.OfFrozen(model, s_trained);

        model.Graph.Node[0].WithAttribute("dilations", 2, 2);

        Assert.NotEqual(before, FrozenHash.OfFrozen(model, s_trained));
    }

    private static void Flip(OnnxModel model, string name)
    {
        TensorProto weight = model.Graph.Initializer.Single(t => t.Name == name);
        byte[] bytes = weight.RawData.ToByteArray();
        bytes[5] ^= 1;
        weight.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
    }
}
