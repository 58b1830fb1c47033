using Graft.Prediction;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Rows;

/// <summary>A row with the outputs of a classifier, which runs once a row and only where an output is read.</summary>
internal sealed class PredictedRow : DataViewRow
{
    private readonly DataViewRow _input;
    private readonly ClassifierMapper _mapper;
    private readonly HashSet<int> _active;
    private readonly Func<KeyedPrediction>? _classify;
    private KeyedPrediction? _prediction;
    private long _predicted = -1;

    public PredictedRow(DataViewRow input, ClassifierMapper mapper, IEnumerable<DataViewSchema.Column> active)
    {
        (_input, _mapper) = (input, mapper);
        _active = [.. active.Select(column => column.Index)];
        bool isRead = _active.Contains(mapper.ScoreIndex) || _active.Contains(mapper.LabelIndex);
        _classify = isRead ? mapper.Classifier(input) : null;
    }

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (column.Index < _mapper.InputSchema.Count)
        {
            return _input.GetGetter<TValue>(_input.Schema[column.Index]);
        }

        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"the column '{column.Name}' is not active in this cursor");
        }

        Delegate getter =
            column.Index == _mapper.ScoreIndex ? ScoreGetter()
            : _mapper.Task == ClassificationTask.MultiLabel ? LabelsGetter()
            : LabelGetter();
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"the column '{column.Name}' is {column.Type}, and {typeof(TValue).Name} was asked of it"
            );
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _input.Dispose();
        }

        base.Dispose(disposing);
    }

    private ValueGetter<VBuffer<float>> ScoreGetter() =>
        (ref VBuffer<float> value) =>
        {
            float[] scores = Current().Scores;
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, scores.Length);
            scores.CopyTo(editor.Values);
            value = editor.Commit();
        };

    private ValueGetter<uint> LabelGetter() => (ref uint value) => value = Current().Labels[0];

    private ValueGetter<VBuffer<uint>> LabelsGetter() =>
        (ref VBuffer<uint> value) =>
        {
            uint[] labels = Current().Labels;
            VBufferEditor<uint> editor = VBufferEditor.Create(ref value, labels.Length);
            labels.CopyTo(editor.Values);
            value = editor.Commit();
        };

    // Positions tell the rows of a cursor apart, and the examples of a prediction engine too.
    private KeyedPrediction Current()
    {
        if (_prediction is null || _predicted != Position)
        {
            (_prediction, _predicted) = (_classify!(), Position);
        }

        return _prediction;
    }
}
