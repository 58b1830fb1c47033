namespace Graft.Training;

/// <summary>How precisely the activations at the cut are kept: what training reads in every epoch.</summary>
public enum ActivationPrecision
{
    /// <summary>
    /// <see cref="BFloat16"/> where training computes in bfloat16 and so loses nothing by it, else
    /// <see cref="Float16"/>.
    /// </summary>
    Auto,

    /// <summary>16 bits with 8 of mantissa and the range of float32.</summary>
    BFloat16,

    /// <summary>
    /// 16 bits with 11 of mantissa; a row whose largest value is out of their range is kept in bfloat16.
    /// </summary>
    Float16,

    /// <summary>
    /// 8 bits, evenly spaced between the least and the largest value of a row's channel: half of the disk.
    /// </summary>
#pragma warning disable CA1720 // it is what the command line calls it
    Int8,
#pragma warning restore CA1720
}
