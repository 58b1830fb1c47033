using System.Diagnostics;
using System.Globalization;
using Graft.Training;
using Microsoft.ML;

// Compares ML.NET's transfer learning (ResNet18's features, L-BFGS) with Graft's probe on the same split: seconds from
// the split to the accuracy on the test images. Each takes its turn in every round; Graft's cache is empty each time.
// Usage: dotnet run -c Release --project bench/MlNet -- IMAGES [ROUNDS]
string path = args.Length > 0 ? args[0] : "samples/parts";
int rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
ImageSplit split = ImageSet.Load(path).Split();
for (int round = 1; round <= rounds; round++)
{
    Print(round, "ML.NET, ResNet18 + L-BFGS", () => MlNetAccuracy(split));
    Print(round, "Graft, probe", () => GraftAccuracy(split, Effort.Normal));
    Print(round, "Graft, quick", () => GraftAccuracy(split, Effort.Quick));
}

static void Print(int round, string name, Func<double> accuracy)
{
    Stopwatch watch = Stopwatch.StartNew();
    double value = accuracy();
    string seconds = watch.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round} {name}: {seconds} s, {value:0.000}"));
}

static double MlNetAccuracy(ImageSplit split)
{
    MLContext context = new(seed: 1);
    IDataView train = context.Data.LoadFromEnumerable(split.Train.Concat(split.Validation).Select(Photo.Of));
    IDataView test = context.Data.LoadFromEnumerable(split.Test.Select(Photo.Of));
    var pipeline = context
        .Transforms.Conversion.MapValueToKey("Label", nameof(Photo.Name))
        .Append(context.Transforms.LoadImages("Image", imageFolder: null, nameof(Photo.Path)))
        .Append(context.Transforms.ResizeImages("Image", imageWidth: 224, imageHeight: 224))
        .Append(context.Transforms.ExtractPixels("Pixels", "Image"))
        .Append(
            context.Transforms.DnnFeaturizeImage(
                "Features",
                inputs => inputs.ModelSelector.ResNet18(context, inputs.OutputColumn, inputs.InputColumn),
                "Pixels"
            )
        )
        .AppendCacheCheckpoint(context)
        .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
    var model = pipeline.Fit(train);
    return context.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy;
}

static double GraftAccuracy(ImageSplit split, Effort effort)
{
    DirectoryInfo folder = Directory.CreateTempSubdirectory("graft-mlnet-");
    try
    {
        TrainingOptions options = new()
        {
            Effort = effort,
            Cache = new CacheOptions { Folder = Path.Combine(folder.FullName, "cache") },
        };
        return Trainer.Probe(split, Path.Combine(folder.FullName, "run"), options).Evaluation.Accuracy;
    }
    finally
    {
        folder.Delete(recursive: true);
    }
}

/// <summary>A row of ML.NET's data.</summary>
internal sealed class Photo
{
    /// <summary>Path of the image file.</summary>
    public string Path { get; set; } = "";

    /// <summary>Its class.</summary>
    public string Name { get; set; } = "";

    /// <summary>The row of an image that lies in a file.</summary>
    /// <param name="image">The image.</param>
    public static Photo Of(LabelledImage image) => new() { Path = image.File!, Name = image.Label };
}
