using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Tests;

[Collection("torch")]
public sealed class MultiLabelTests
{
    [Fact]
    public void Each_image_gets_the_names_of_all_its_labels()
    {
        using TemporaryFolder folder = new();
        string zip = Path.Combine(folder.Root, "model.zip");
        MLContext context = new(seed: 1);
        string samples = Path.Combine(Path.GetDirectoryName(Parts.Folder)!, "assemblies");
        AssemblyRow[] rows = [.. File.ReadLines(Path.Combine(samples, "labels.csv")).Skip(1).Select(Row)];
        IDataView train = context.Data.LoadFromEnumerable(rows.Where(row => row.Split != "test"));
        IDataView test = context.Data.LoadFromEnumerable(rows.Where(row => row.Split == "test"));

        var model = context
            .Transforms.Conversion.MapValueToKey("Label", "Labels")
            .Append(context.Transforms.GraftMultiLabel(Parts.Options with { ImageFolder = samples }))
            .Append(context.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(train);
        context.Model.Save(model, train.Schema, zip);
        ITransformer loaded = new MLContext().Model.Load(zip, out _);

        string[][] truth = [.. rows.Where(row => row.Split == "test").Select(row => row.Labels)];
        string[][] answers = [.. model.Transform(test).GetColumn<string[]>("PredictedLabel")];
        int right = answers.Zip(truth).Sum(pair => pair.First.Intersect(pair.Second).Count());
        Assert.InRange(right, 0.6 * truth.Sum(labels => labels.Length), truth.Sum(labels => labels.Length));
        Assert.Contains(answers, labels => labels.Length > 1);
        Assert.Equal(answers, loaded.Transform(test).GetColumn<string[]>("PredictedLabel"));
        model.Dispose();
        ((IDisposable)loaded).Dispose();
    }

    private static AssemblyRow Row(string line)
    {
        string[] cells = line.Split(',');
        string[] labels = cells[1].Split(';', StringSplitOptions.RemoveEmptyEntries);
        return new()
        {
            Image = cells[0],
            Labels = labels,
            Split = cells[2],
        };
    }

    private sealed class AssemblyRow
    {
        public string Image { get; set; } = "";

        public string[] Labels { get; set; } = [];

        public string Split { get; set; } = "";
    }
}
