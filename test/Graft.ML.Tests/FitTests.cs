using Graft.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Tests;

[Collection("torch")]
public sealed class FitTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Images_as_bytes_and_as_decoded_images_are_learnt()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Parts.Rows(0, 8).Select(Encoded));
        var keys = _context.Transforms.Conversion.MapValueToKey("Label", "Part");

        using GraftTransformer bytes = Trainer().Fit(keys.Fit(rows).Transform(rows));
        IDataView decoded = Decoded(Parts.Rows(0, 8));
        using GraftTransformer pixels = Trainer().Fit(keys.Fit(decoded).Transform(decoded));

        IDataView test = _context.Data.LoadFromEnumerable(Parts.Rows(8, 4).Select(Encoded));
        uint[] first = [.. bytes.Transform(test).GetColumn<uint>("PredictedLabel")];
        uint[] second = [.. pixels.Transform(Decoded(Parts.Rows(8, 4))).GetColumn<uint>("PredictedLabel")];
        uint[] truth = [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3];
        Assert.InRange(first.Zip(truth).Count(pair => pair.First == pair.Second), 9, 12);
        Assert.InRange(second.Zip(truth).Count(pair => pair.First == pair.Second), 9, 12);
    }

    [Fact]
    public void Cross_validation_fits_every_fold_and_keeps_its_run()
    {
        using TemporaryFolder folder = new();
        IDataView rows = _context.Data.LoadFromEnumerable(Parts.Rows(0, 14));
        IDataView keyed = _context.Transforms.Conversion.MapValueToKey("Label", "Part").Fit(rows).Transform(rows);

        var folds = _context.MulticlassClassification.CrossValidate(
            keyed,
            Trainer(Parts.Options with { RunsFolder = folder.Root }),
            numberOfFolds: 2
        );

        Assert.All(folds, fold => Assert.InRange(fold.Metrics.MicroAccuracy, 0.6, 1));
        Assert.Equal(
            [Path.Combine(folder.Root, "fit-1"), Path.Combine(folder.Root, "fit-2")],
            Directory.GetDirectories(folder.Root).Order(StringComparer.Ordinal)
        );
        Assert.All(folds, fold => ((IDisposable)fold.Model).Dispose());
    }

    [Fact]
    public void Keys_of_numbers_come_back_as_numbers_and_keys_without_images_have_no_probability()
    {
        NumberedRow[] rows =
        [
            .. Parts
                .Rows(0, 8)
                .Select(row => new NumberedRow { Image = row.Image, Number = row.Part == "nut" ? 2.5f : 7 }),
        ];
        IDataView all = _context.Data.LoadFromEnumerable([.. rows, new NumberedRow { Image = "-", Number = 9 }]);
        var keys = _context.Transforms.Conversion.MapValueToKey("Label", "Number").Fit(all);
        IDataView train = keys.Transform(_context.Data.LoadFromEnumerable(rows));

        var model = Trainer().Append(_context.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(train);
        IDataView scored = model.Transform(train);

        Assert.Subset(new HashSet<float> { 2.5f, 7f }, scored.GetColumn<float>("PredictedLabel").ToHashSet());
        Assert.All(scored.GetColumn<float[]>("Score"), score => Assert.Equal((3, 0f), (score.Length, score[2])));
        model.Dispose();
    }

    [Fact]
    public void Rows_without_a_label_are_left_out_and_said_in_the_log()
    {
        List<string> log = [];
        _context.Log += (_, message) => log.Add(message.RawMessage);
        IDataView known = _context.Data.LoadFromEnumerable(Parts.Rows(0, 8));
        var keys = _context.Transforms.Conversion.MapValueToKey("Label", "Part").Fit(known);
        PartRow unknown = new() { Image = "spring/spring-01.jpg", Part = "spring" };
        IDataView rows = _context.Data.LoadFromEnumerable([.. Parts.Rows(0, 8), unknown]);

        using GraftTransformer model = Trainer().Fit(keys.Transform(rows));

        Assert.Contains("1 rows have no label and are left out", log);
        Assert.Equal(24, model.Card.Images.Train + model.Card.Images.Validation + model.Card.Images.Test);
    }

    [Fact]
    public void A_validation_set_is_the_validation_part()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Parts.Rows(0, 8));
        var keys = _context.Transforms.Conversion.MapValueToKey("Label", "Part").Fit(rows);
        IDataView validation = keys.Transform(_context.Data.LoadFromEnumerable(Parts.Rows(8, 2)));

        using GraftTransformer model = Trainer(Parts.Options with { ValidationSet = validation })
            .Fit(keys.Transform(rows));

        Assert.Equal(6, model.Card.Images.Validation);
    }

    [Fact]
    public void A_cancelled_training_without_a_model_ends_in_an_exception()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Parts.Rows(0, 8));
        IDataView keyed = _context.Transforms.Conversion.MapValueToKey("Label", "Part").Fit(rows).Transform(rows);
        using CancellationTokenSource cancel = new();
        GraftOptions options = Parts.Options with
        {
            Progress = TrainingProgress.Of(_ => cancel.Cancel()),
            Cancel = cancel.Token,
        };

        Assert.ThrowsAny<OperationCanceledException>(() => Trainer(options).Fit(keyed));
    }

    private static EncodedRow Encoded(PartRow row) =>
        new() { Image = File.ReadAllBytes(Path.Combine(Parts.Folder, row.Image)), Part = row.Part };

    private GraftEstimator Trainer(GraftOptions? options = null) =>
        _context.MulticlassClassification.Trainers.Graft(options ?? Parts.Options);

    private IDataView Decoded(PartRow[] rows)
    {
        IDataView paths = _context.Data.LoadFromEnumerable(rows);
        return _context.Transforms.LoadImages("Image", Parts.Folder, "Image").Fit(paths).Transform(paths);
    }

    private sealed class NumberedRow
    {
        public string Image { get; set; } = "";

        public float Number { get; set; }
    }
}
