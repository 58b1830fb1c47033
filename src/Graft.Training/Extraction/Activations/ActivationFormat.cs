namespace Graft.Training.Extraction;

/// <summary>
/// How the values of a row are stored. All formats but <see cref="Single"/> store a map of C x H x W in the order H, W,
/// C, so a batch is a channels-last tensor without a copy.
/// </summary>
internal enum ActivationFormat
{
    /// <summary>float32, in the network's order: features and probabilities.</summary>
    Single,

    /// <summary>bfloat16, rounded to nearest even (float32's range, so that no activation overflows).</summary>
    BFloat16,

    /// <summary>
    /// float16, or bfloat16 where the row's largest value does not fit. A flag at the end of the row says which.
    /// </summary>
    Float16,

    /// <summary>One byte for each value, after the step and the smallest value of each channel in float32.</summary>
    Int8,
}

/// <summary>
/// Chooses a format. Where the options leave it open, it follows the arithmetic of the training that reads the rows.
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

    /// <summary>True where a batch contains the rows exactly as they are stored.</summary>
    public static bool IsPlain(this ActivationFormat format) =>
        format is ActivationFormat.Single or ActivationFormat.BFloat16;
}
