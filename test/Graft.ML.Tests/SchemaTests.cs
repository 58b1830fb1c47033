using Microsoft.ML;

namespace Graft.ML.Tests;

public sealed class SchemaTests
{
    private readonly MLContext _context = new();

    [Fact]
    public void A_label_that_is_no_key_is_refused_before_anything_is_read()
    {
        IDataView rows = _context.Data.LoadFromEnumerable([new PartRow()]);
        var pipeline = _context
            .Transforms.CopyColumns("Label", "Part")
            .Append(_context.MulticlassClassification.Trainers.Graft(featureColumnName: "Image"));

        ArgumentException fromFit = Assert.Throws<ArgumentException>(() => pipeline.Fit(rows));

        Assert.Equal(
            "the column 'Label' cannot be the label: it is String, not a key; make keys of it with MapValueToKey",
            fromFit.Message
        );
    }

    [Fact]
    public void A_column_that_holds_no_images_is_refused()
    {
        IDataView rows = _context.Data.LoadFromEnumerable([new { Image = 1f, Part = "nut" }]);
        IDataView keyed = _context.Transforms.Conversion.MapValueToKey("Label", "Part").Fit(rows).Transform(rows);

        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            _context.MulticlassClassification.Trainers.Graft(featureColumnName: "Image").Fit(keyed)
        );

        Assert.Equal(
            "the column 'Image' cannot hold images: it is Single; give paths as text, encoded images as a vector of "
                + "bytes, or MLImage",
            error.Message
        );
    }

    [Fact]
    public void A_missing_column_is_named()
    {
        IDataView rows = _context.Data.LoadFromEnumerable([new PartRow()]);
        IDataView keyed = _context.Transforms.Conversion.MapValueToKey("Label", "Part").Fit(rows).Transform(rows);

        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            _context.MulticlassClassification.Trainers.Graft().Fit(keyed)
        );

        Assert.Equal("there is no column 'Features' for the image; name it in the options", error.Message);
    }

    [Fact]
    public void Two_outputs_of_one_name_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            _context.MulticlassClassification.Trainers.Graft(scoreColumnName: "A", predictedLabelColumnName: "A")
        );

        Assert.StartsWith("'A' cannot name both outputs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Single_keys_are_no_labels_of_several_labels()
    {
        IDataView rows = _context.Data.LoadFromEnumerable([new PartRow()]);
        IDataView keyed = _context.Transforms.Conversion.MapValueToKey("Label", "Part").Fit(rows).Transform(rows);

        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            _context.Transforms.GraftMultiLabel(Parts.Options).Fit(keyed)
        );

        Assert.Contains("not a vector of keys", error.Message, StringComparison.Ordinal);
    }
}
