using System.Runtime.CompilerServices;
using Graft.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Graft.ML.Tests;

/// <summary>Rows of the images in samples/parts, and a training of them that takes seconds.</summary>
internal static class Parts
{
    public static string Folder { get; } = Path.Combine(Root(), "samples", "parts");

    /// <summary>A probe of small plain views.</summary>
    public static TrainingOptions Quick { get; } =
        new()
        {
            Body = BodySource.Named("efficientnet_lite0") with { InputSize = 64 },
            Effort = Effort.Quick,
            HeadTraining = new() { Epochs = 0 },
            FineTune = new() { Epochs = 0 },
            TestShare = 0.05,
            Threads = 1,
        };

    public static GraftOptions Options { get; } =
        new()
        {
            FeatureColumnName = "Image",
            ImageFolder = Folder,
            Training = Quick,
        };

    /// <summary>Images of three classes, with paths relative to the folder.</summary>
    /// <param name="from">Images of each class to pass over.</param>
    /// <param name="count">Images of each class to take.</param>
    public static PartRow[] Rows(int from, int count) =>
        [
            .. new[] { "nut", "bolt", "gear" }.SelectMany(name =>
                Directory
                    .EnumerateFiles(Path.Combine(Folder, name))
                    .Order(StringComparer.Ordinal)
                    .Skip(from)
                    .Take(count)
                    .Select(file => new PartRow { Image = $"{name}/{Path.GetFileName(file)}", Part = name })
            ),
        ];

    private static string Root([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../.."));
}

/// <summary>An image file with its class.</summary>
internal sealed class PartRow
{
    public string Image { get; set; } = "";

    public string Part { get; set; } = "";
}

/// <summary>An encoded image with its class.</summary>
internal sealed class EncodedRow
{
    public byte[] Image { get; set; } = [];

    public string Part { get; set; } = "";
}

/// <summary>What a model answers, after MapKeyToValue.</summary>
internal sealed class Answer
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}

/// <summary>A pipeline that was fitted once for all tests of a class.</summary>
public sealed class FittedParts : IDisposable
{
    public FittedParts()
    {
        Context = new(seed: 1);
        Train = Context.Data.LoadFromEnumerable(Parts.Rows(0, 12));
        Test = Context.Data.LoadFromEnumerable(Parts.Rows(12, 6));
        Model = Context
            .Transforms.Conversion.MapValueToKey("Label", "Part")
            .Append(Context.MulticlassClassification.Trainers.Graft(Parts.Options))
            .Append(Context.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(Train);
    }

    public MLContext Context { get; }

    public IDataView Train { get; }

    public IDataView Test { get; }

    public TransformerChain<KeyToValueMappingTransformer> Model { get; }

    internal GraftTransformer Transformer => Model.OfType<GraftTransformer>().Single();

    internal Answer[] Answers(ITransformer model) =>
        [.. Context.Data.CreateEnumerable<Answer>(model.Transform(Test), reuseRowObject: false)];

    public void Dispose() => Model.Dispose();
}
