namespace Graft.Training;

/// <summary>What a run has made; the same as evaluation.json, with paths.</summary>
/// <param name="RunFolder">Holds options.json, split.csv, log.jsonl, model.onnx and evaluation.json.</param>
/// <param name="ModelPath">The classifier: one ONNX file.</param>
/// <param name="Shipped">"probe" or "fine-tuned": the better one on validation images.</param>
/// <param name="Evaluation">Of the shipped model on the test images.</param>
/// <param name="ProbeAccuracy">Of the probe on the test images, 0..1.</param>
/// <param name="Seconds">By phase.</param>
/// <param name="Reason">Why this model is shipped, one line.</param>
/// <param name="Stopped">Why training stopped, half a sentence: the target accuracy, the budget, the patience, the
/// epochs, whichever came first.</param>
public sealed record TrainingResult(
    string RunFolder,
    string ModelPath,
    string Shipped,
    Evaluation Evaluation,
    double ProbeAccuracy,
    IReadOnlyDictionary<string, double> Seconds,
    string Reason,
    string Stopped
);
