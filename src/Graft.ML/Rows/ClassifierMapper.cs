using Graft.ML.Columns;
using Graft.Prediction;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Rows;

/// <summary>Adds the outputs of a classifier to rows of one schema.</summary>
internal sealed class ClassifierMapper : IRowToRowMapper
{
    private readonly DataViewSchema.Column _image;
    private readonly OutputColumns _columns;
    private readonly Predictor _predictor;
    private readonly string? _folder;
    private readonly Dictionary<string, int> _keys;

    public ClassifierMapper(DataViewSchema input, OutputColumns columns, Predictor predictor, string? folder)
    {
        (_columns, _predictor, _folder) = (columns, predictor, folder);
        InputSchema = input;
        _image = ImageColumn.Find(input, columns.Image);
        OutputSchema = columns.AddTo(input);
        _keys = columns
            .Keys.Names.Select((name, index) => (name, index))
            .ToDictionary(one => one.name, one => one.index);
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public ClassificationTask Task => _columns.Task;

    public int ScoreIndex => InputSchema.Count;

    public int LabelIndex => InputSchema.Count + 1;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        SortedSet<int> needed = [];
        foreach (DataViewSchema.Column column in dependingColumns)
        {
            needed.Add(column.Index < InputSchema.Count ? column.Index : _image.Index);
        }

        return needed.Select(index => InputSchema[index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new PredictedRow(input, this, activeColumns);

    /// <summary>Classifies the image of the current row.</summary>
    public Func<KeyedPrediction> Classifier(DataViewRow row)
    {
        Func<RowImage> image = ImageColumn.Reader(row, row.Schema[_image.Index], _folder);
        return () =>
        {
            RowImage one = image();
            return Keyed(one.Path is null ? _predictor.Predict(one.Bytes!, one.Name) : _predictor.Predict(one.Path));
        };
    }

    private KeyedPrediction Keyed(ImagePrediction prediction)
    {
        float[] scores = new float[_columns.Keys.Names.Count];
        foreach (LabelScore score in prediction.Scores)
        {
            scores[_keys[score.Label]] = (float)score.Probability;
        }

        return new(scores, [.. prediction.Labels.Select(label => (uint)_keys[label] + 1)]);
    }
}

/// <summary>A prediction in the order of the label's keys.</summary>
/// <param name="Scores">Probability of each key; 0 for keys that the training had no image of.</param>
/// <param name="Labels">The keys of the predicted labels, counted from 1.</param>
internal sealed record KeyedPrediction(float[] Scores, uint[] Labels);
