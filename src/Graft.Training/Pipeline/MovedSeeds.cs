using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Data;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// The images of a training with several seeds, after they were moved. A seed that has not begun has no hashes of its
/// own, so those of the first run, which is complete by then, prove that the images are the same.
/// </summary>
internal static class MovedSeeds
{
    /// <param name="first">Folder of the first seed's run, which is complete.</param>
    /// <param name="images">Where the images lie now.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="GraftException">They are others than those of the first run.</exception>
    public static void Check(string first, string images, CancellationToken cancel)
    {
        OnnxModel model = OnnxModel.Load(Path.Combine(first, "model.onnx"));
        ModelCard card = ModelCard.Parse(model.GetMetadata(ModelCard.MetadataKey), first);
        DataPlan plan = DataPlan.Of(RunOptions.Read(first).Options);
        ImageSet set = ImageSet.Load(images, ImageSetOptions.Of(plan), cancel: cancel);
        Dictionary<string, LabelledImage> found = set.Images.ToDictionary(image => image.Name, StringComparer.Ordinal);
        IEnumerable<string> lines = SplitFile
            .ReadRows(Path.Combine(first, "split.csv"))
            .Select(row => $"{found.GetValueOrDefault(row.Key)?.ContentHash} {row.Value.Part} {row.Value.Labels}");
        if (TrainingData.FingerprintOf(lines, set.Task) != card.DataFingerprint)
        {
            throw new GraftException(
                $"'{Printable.Text(Path.GetDirectoryName(first)!)}' cannot be resumed: the images in "
                    + $"'{Printable.Text(images)}' are not those that it began with; name the folder they were moved to"
            );
        }
    }
}
