namespace Graft.Training;

/// <summary>The result of a training.</summary>
/// <param name="RunFolder">Folder with options.json, split.csv, log.jsonl, model.json, model.onnx, report.html and
/// evaluation.json.</param>
/// <param name="ModelPath">Path of the classifier: one ONNX file.</param>
/// <param name="Evaluation">The content of evaluation.json: the model on the test images, and how it was
/// chosen.</param>
public sealed record TrainingResult(string RunFolder, string ModelPath, RunEvaluation Evaluation);
