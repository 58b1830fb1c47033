using Graft.Prediction;

namespace Graft.Training;

/// <summary>How a trained model is exported in less precision.</summary>
public sealed record ExportOptions
{
    /// <summary>The numbers of the new file: int8 (the default) or float16.</summary>
    public ModelPrecision Precision { get; init; } = ModelPrecision.Int8;

    /// <summary>
    /// Largest loss of accuracy on the test images that is accepted, 0 to 1. The default is 0.01: one point.
    /// </summary>
    public double MaxLoss { get; init; } = 0.01;

    /// <summary>
    /// Bits of a weight in int8, 7 or 8. Null: 8 where this processor has VNNI instructions, otherwise 7. Sums of
    /// 8-bit weights overflow on processors without them, so a file for other machines needs 7.
    /// </summary>
    public int? WeightBits { get; init; }

    /// <summary>Number of training images that are measured for int8, 1 to 10,000; 128 by default.</summary>
    public int CalibrationImages { get; init; } = 128;

    /// <summary>
    /// True (the default): a file in int8 that is not faster than the model is refused. Its size alone is a reason
    /// where the file runs on another machine.
    /// </summary>
    public bool MustBeFaster { get; init; } = true;

    /// <summary>Processor threads; 0 is one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Limits of the model file and of one image.</summary>
    public Limits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Throws if a value is out of its range.</summary>
    internal void Validate()
    {
        string? problem =
            Precision is not (ModelPrecision.Int8 or ModelPrecision.Float16)
                ? $"{nameof(Precision)} must be int8 or float16"
            : !(MaxLoss is >= 0 and <= 1) ? $"{nameof(MaxLoss)} is {MaxLoss}, outside 0 to 1"
            : WeightBits is not (null or 7 or 8) ? $"{nameof(WeightBits)} is {WeightBits}; it must be 7 or 8"
            : CalibrationImages is < 1 or > 10_000
                ? $"{nameof(CalibrationImages)} is {CalibrationImages}, outside 1 to 10,000"
            : Threads is < 0 or > 1024 ? $"{nameof(Threads)} is {Threads}, outside 0 to 1,024"
            : null;
        if (problem is not null)
        {
            throw new ArgumentOutOfRangeException(nameof(ExportOptions), problem);
        }
    }
}
