using Graft.Training.Runs;

namespace Graft.Training;

/// <summary>Trains a classifier from a folder of labelled images: split, extract, probe, warm up, fine-tune, choose, export, evaluate.</summary>
public static class Trainer
{
    /// <param name="imagesPath">A folder with one subfolder a class, with train, val and test folders of such, or a CSV (path,label[,split]).</param>
    /// <param name="runFolder">Made if it does not exist; gets options.json, split.csv, log.jsonl, model.onnx and evaluation.json.</param>
    /// <param name="cancel">Ends the run early; from fine-tuning on, the best model so far is exported and evaluated.</param>
    /// <exception cref="GraftException">The data, the body or an option cannot be used.</exception>
    public static TrainingResult Train(
        string imagesPath, string runFolder, TrainingOptions? options = null, IProgress<TrainingEvent>? progress = null, CancellationToken cancel = default)
    {
        throw new NotSupportedException();
    }
}
