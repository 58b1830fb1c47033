namespace Graft.Prediction;

/// <summary>Names of the inputs and outputs of an exported classifier's ONNX graph.</summary>
public static class ClassifierEdges
{
    /// <summary>The only input: float32 [N,3,H,W], planes of red, green and blue with values 0 to 255.</summary>
    public const string Image = "image";

    /// <summary>Output with the calibrated class probabilities: float32 [N,C].</summary>
    public const string Probabilities = "probabilities";

    /// <summary>
    /// Optional output with the novelty score: float32 [N,1]. Above 1, the image is farther from the training data than
    /// 99 % of the held-out images. Files of early versions do not have it.
    /// </summary>
    public const string Unfamiliarity = "unfamiliarity";
}
