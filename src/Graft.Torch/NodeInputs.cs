using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>Inputs of one node in one run.</summary>
internal readonly ref struct NodeInputs(
    NodeContext node,
    EdgeValue?[] slots,
    int[] inputs,
    bool isOnHost,
    bool isTraining,
    DropoutMask? masks
)
{
    public int Count => inputs.Length;

    /// <summary>Whether Dropout drops values. Other operators ignore it.</summary>
    public bool IsTraining => isTraining;

    public DropoutMask? Masks => masks;

    /// <summary>
    /// The input on the device with floats in the compute type, or the original tensor in a step that runs on the host.
    /// </summary>
    public Tensor this[int index] => isOnHost ? Value(index).Tensor : Value(index).Compute(node.Options);

    public bool Has(int index) => index < inputs.Length && inputs[index] >= 0 && slots[inputs[index]] is not null;

    public Tensor? Optional(int index) => Has(index) ? this[index] : null;

    /// <summary>
    /// The input with floats in at least float32, for sums over many values in a narrow compute type.
    /// </summary>
    public Tensor Wide(int index) => WidePrecision.Of(this[index]);

    /// <summary>The float32 master of a weight.</summary>
    public Tensor Master(int index) => Value(index).Tensor;

    public long[] Ints(int index) => Value(index).Ints();

    public long[]? OptionalInts(int index) => Has(index) ? Ints(index) : null;

    public double[] Doubles(int index) => Value(index).Doubles();

    /// <summary>The only value of an input, or <paramref name="otherwise"/> if the input is left out.</summary>
    public double Scalar(int index, double otherwise)
    {
        if (!Has(index))
        {
            return otherwise;
        }

        double[] values = Doubles(index);
        return values.Length == 1
            ? values[0]
            : throw node.Refuse(
                $"input {index} has {values.Length} values where one is needed; export the network again"
            );
    }

    public Tensor[] All()
    {
        Tensor[] all = new Tensor[Count];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = this[i];
        }

        return all;
    }

    private EdgeValue Value(int index) =>
        Has(index)
            ? slots[inputs[index]]!
            : throw node.Refuse($"input {index} is left out, and the operator needs it; export the network again");
}

/// <summary>Widens half-precision floats to float32: bfloat16 has 8 bits of mantissa, too few for sums.</summary>
internal static class WidePrecision
{
    public static Tensor Of(Tensor x) =>
        x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to(ScalarType.Float32) : x;
}
