namespace Graft.Training.Extraction;

/// <summary>
/// How the values of a row are kept. All but <see cref="Single"/> keep a map of C x H x W in the order H, W, C: a batch
/// is then a channels-last tensor without a copy.
/// </summary>
internal enum ActivationFormat
{
    /// <summary>float32, in the network's order: features and probabilities.</summary>
    Single,

    /// <summary>bfloat16, rounded to nearest even (float32's range, so that no activation overflows).</summary>
    BFloat16,

    /// <summary>
    /// float16 or, where the row's own largest value says so, bfloat16; a flag at its end says which.
    /// </summary>
    Float16,

    /// <summary>A byte a value, after the step and the least value of each channel in float32.</summary>
    Int8,
}

/// <summary>
/// Chooses a format by what was asked for and, where nothing was, by the arithmetic of the training that reads the
/// rows.
/// </summary>
internal static class ActivationFormats
{
    public static ActivationFormat Of(ActivationPrecision asked, Engine engine) =>
        asked switch
        {
            ActivationPrecision.BFloat16 => ActivationFormat.BFloat16,
            ActivationPrecision.Float16 => ActivationFormat.Float16,
            ActivationPrecision.Int8 => ActivationFormat.Int8,
            _ => engine.TrainsInBFloat16() ? ActivationFormat.BFloat16 : ActivationFormat.Float16,
        };

    /// <summary>Whether rows lie in a batch as they are kept.</summary>
    public static bool IsPlain(this ActivationFormat format) =>
        format is ActivationFormat.Single or ActivationFormat.BFloat16;
}
