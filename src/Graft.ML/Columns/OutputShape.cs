using Graft.Prediction;
using Microsoft.ML;
using Microsoft.ML.Data;
using static Microsoft.ML.SchemaShape.Column;

namespace Graft.ML.Columns;

/// <summary>What a pipeline learns about the columns before anything is trained.</summary>
internal static class OutputShape
{
    public static SchemaShape Of(SchemaShape input, GraftOptions options, ClassificationTask task)
    {
        SchemaShape.Column label = Find(input, options.LabelColumnName, "label");
        bool isVector = label.Kind != VectorKind.Scalar;
        if (!label.IsKey || isVector != (task == ClassificationTask.MultiLabel))
        {
            throw LabelKeys.NoLabel(label.Name, label.GetTypeString(), task);
        }

        SchemaShape.Column image = Find(input, options.FeatureColumnName, "image");
        if (!ImageColumn.IsImage(image.ItemType, image.Kind != VectorKind.Scalar))
        {
            throw ImageColumn.NoImage(image.Name, image.GetTypeString());
        }

        Dictionary<string, SchemaShape.Column> columns = input.ToDictionary(column => column.Name);
        columns[options.ScoreColumnName] = new(
            options.ScoreColumnName,
            VectorKind.Vector,
            NumberDataViewType.Single,
            isKey: false,
            task == ClassificationTask.SingleLabel
                ? new(AnnotationUtils.AnnotationsForMulticlassScoreColumn(label))
                : new([Text(AnnotationUtils.Kinds.SlotNames, VectorKind.Vector)])
        );
        columns[options.PredictedLabelColumnName] = new(
            options.PredictedLabelColumnName,
            isVector ? VectorKind.VariableVector : VectorKind.Scalar,
            NumberDataViewType.UInt32,
            isKey: true,
            new(label.Annotations.Where(one => one.Name == AnnotationUtils.Kinds.KeyValues))
        );
        return new(columns.Values);
    }

    private static SchemaShape.Column Find(SchemaShape input, string name, string purpose) =>
        input.TryFindColumn(name, out SchemaShape.Column column)
            ? column
            : throw new ArgumentException($"there is no column '{name}' for the {purpose}; name it in the options");

    private static SchemaShape.Column Text(string name, VectorKind kind) =>
        new(name, kind, TextDataViewType.Instance, isKey: false);
}
