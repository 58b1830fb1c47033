using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>The images of an evaluation that the model was trained on.</summary>
internal static class LearntImages
{
    /// <summary>How many of a set's images the model was trained on; null where its run has other images, or none
    /// lies beside the model.</summary>
    public static int? Count(string model, ImageSet set)
    {
        string split = SplitOf(model);
        if (!File.Exists(split))
        {
            return null;
        }

        try
        {
            return SplitFile.Read(split, set).Images.Count(image => image.Part is not ImagePart.Test);
        }
        catch (GraftException)
        {
            return null; // the images of another set
        }
    }

    /// <summary>Says that the model was trained on the images that are to measure it.</summary>
    /// <param name="count">How many of them it was trained on.</param>
    /// <param name="of">How many there are.</param>
    public static void Warn(string model, int count, int of, Terminal terminal)
    {
        if (count > 0)
        {
            terminal.Error.WriteLine(
                $"graft: the model was trained on {count:N0} of these {of:N0} images, so it seems better than it is; "
                    + $"--split-file {Invocation.Quoted(SplitOf(model))} measures it on the others"
            );
        }
    }

    // The split.csv of the run that a model lies in; it need not be there.
    private static string SplitOf(string model) => Path.Combine(Path.GetDirectoryName(model) ?? "", "split.csv");
}
