using Graft.Imaging;
using Graft.Onnx;
using TorchSharp;

namespace Graft.Training.Extraction;

/// <summary>Everything that decides which rows an extraction computes, and how.</summary>
internal sealed record ExtractionPlan
{
    /// <summary>How the feature map becomes a vector.</summary>
    public required Pooling Pooling { get; init; }

    /// <summary>The edges at which activations are kept. Empty where only the head is trained.</summary>
    public IReadOnlyList<CutPoint> Cuts { get; init; } = [];

    /// <summary>Random views of each training image that are kept, besides its plain view.</summary>
    public int RandomViews { get; init; }

    /// <summary>Further views of each training image, one for each epoch, that are computed on demand.</summary>
    public int FreshViews { get; init; }

    /// <summary>
    /// Views of each test image. 0: the image is only decoded, which shows whether it is usable. The bench uses more.
    /// </summary>
    public int TestViews { get; init; }

    /// <summary>What computes the frozen layers; <see cref="EngineSelection.For"/> may fall back.</summary>
    public required Engine Engine { get; init; }

    /// <summary>
    /// Library and processor in the keys of the rows, where rows of other kinds of machines are used too. Null: those
    /// of this machine.
    /// </summary>
    public string? Machine { get; init; }

    /// <summary>How the activations at the cuts are stored. Features are always float32.</summary>
    public required ActivationFormat Format { get; init; }

    /// <summary>Type of a batch whose rows are stored in an encoded format: float32 or bfloat16.</summary>
    public torch.ScalarType DecodedType { get; init; } = torch.ScalarType.Float32;

    /// <summary>Seed of the random views.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Threads that decode images and run the frozen part; 0: one per core.</summary>
    public int Threads { get; init; }

    /// <summary>What decoding one image may cost.</summary>
    public DecodeLimits ImageLimits { get; init; } = new();
}
