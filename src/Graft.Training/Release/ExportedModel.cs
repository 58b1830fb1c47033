namespace Graft.Training.Release;

/// <summary>The exported model.</summary>
/// <param name="Bytes">The network without its card.</param>
/// <param name="Temperature">Divides the logits.</param>
/// <param name="Threshold">The confidence threshold. Null: the model always answers.</param>
/// <param name="Difference">Largest difference of a probability between the file and the trained network.</param>
/// <param name="FileBytes">Length of the file in bytes.</param>
internal sealed record ExportedModel(
    byte[] Bytes,
    double Temperature,
    ConfidenceThreshold? Threshold,
    double Difference,
    long FileBytes
)
{
    /// <summary>The result in one line.</summary>
    public string Summary =>
        $"{FileBytes / 1e6:0.0} MB; its probabilities differ from the trained network's by at most {Difference:0.0e0}; "
        + $"temperature {Temperature:0.00}";
}
