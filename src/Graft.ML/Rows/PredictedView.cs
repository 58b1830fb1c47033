using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Rows;

/// <summary>Rows with the outputs of a classifier. Each reading runs the classifier again.</summary>
internal sealed class PredictedView(IDataView input, ClassifierMapper mapper) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return new PredictedCursor(input.GetRowCursor(mapper.GetDependencies(needed), rand), mapper, needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded,
        int n,
        Random? rand = null
    )
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return
        [
            .. input
                .GetRowCursorSet(mapper.GetDependencies(needed), n, rand)
                .Select(cursor => new PredictedCursor(cursor, mapper, needed)),
        ];
    }

    private sealed class PredictedCursor(
        DataViewRowCursor rows,
        ClassifierMapper mapper,
        IEnumerable<DataViewSchema.Column> active
    ) : DataViewRowCursor
    {
        private readonly PredictedRow _row = new(rows, mapper, active);

        public override long Position => _row.Position;

        public override long Batch => _row.Batch;

        public override DataViewSchema Schema => _row.Schema;

        public override bool MoveNext() => rows.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => _row.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            _row.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _row.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _row.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
