namespace Graft.Training;

/// <summary>Precision of the activations at the cut, which training reads in every epoch.</summary>
public enum ActivationPrecision
{
    /// <summary>
    /// <see cref="BFloat16"/> where training computes in bfloat16 and loses nothing by it, otherwise
    /// <see cref="Float16"/>.
    /// </summary>
    Auto,

    /// <summary>16 bits: 8 of mantissa and the range of float32.</summary>
    BFloat16,

    /// <summary>
    /// 16 bits: 11 of mantissa. A row with a value outside the range of float16 is kept in bfloat16.
    /// </summary>
    Float16,

    /// <summary>
    /// 8 bits, evenly spaced between the smallest and the largest value of a channel. Takes half of the disk space.
    /// </summary>
#pragma warning disable CA1720 // the field's name of the format
    Int8,
#pragma warning restore CA1720
}
