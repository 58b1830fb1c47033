namespace Graft.Training;

/// <summary>What a training made.</summary>
/// <param name="RunFolder">Holds options.json, split.csv, log.jsonl, model.onnx, report.html and evaluation.json.</param>
/// <param name="ModelPath">Path of the classifier: one ONNX file.</param>
/// <param name="Evaluation">The model on the test images, and what led to it: the content of evaluation.json.</param>
public sealed record TrainingResult(string RunFolder, string ModelPath, RunEvaluation Evaluation);
