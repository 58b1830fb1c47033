using Graft.Prediction;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Columns;

/// <summary>The columns of a transformer: the image that it reads, and the outputs that it adds.</summary>
internal sealed class OutputColumns
{
    public OutputColumns(GraftOptions options, ClassificationTask task, LabelKeys keys)
        : this(options.FeatureColumnName, options.ScoreColumnName, options.PredictedLabelColumnName, task, keys) { }

    private OutputColumns(string image, string score, string predicted, ClassificationTask task, LabelKeys keys) =>
        (Image, Score, PredictedLabel, Task, Keys) = (image, score, predicted, task, keys);

    public string Image { get; }

    public string Score { get; }

    public string PredictedLabel { get; }

    public ClassificationTask Task { get; }

    public LabelKeys Keys { get; }

    public static OutputColumns Load(ModelLoadContext context) =>
        new(
            context.LoadNonEmptyString(),
            context.LoadNonEmptyString(),
            context.LoadNonEmptyString(),
            (ClassificationTask)context.Reader.ReadInt32(),
            LabelKeys.Load(context)
        );

    public void Save(ModelSaveContext context)
    {
        context.SaveNonEmptyString(Image);
        context.SaveNonEmptyString(Score);
        context.SaveNonEmptyString(PredictedLabel);
        context.Writer.Write((int)Task);
        Keys.Save(context);
    }

    /// <summary>The input's columns, then the score, then the predicted label.</summary>
    public DataViewSchema AddTo(DataViewSchema input)
    {
        DataViewSchema.Builder builder = new();
        builder.AddColumns(input);
        builder.AddColumn(
            Score,
            new VectorDataViewType(NumberDataViewType.Single, Keys.Names.Count),
            ScoreAnnotations(input)
        );
        DataViewSchema.Annotations.Builder label = new();
        Keys.AddTo(label, AnnotationUtils.Kinds.KeyValues);
        DataViewType type = Keys.KeyType;
        if (Task == ClassificationTask.MultiLabel)
        {
            type = new VectorDataViewType(Keys.KeyType);
        }

        builder.AddColumn(PredictedLabel, type, label.ToAnnotations());
        return builder.ToSchema();
    }

    // What ML.NET's evaluators ask of a score column.
    private DataViewSchema.Annotations ScoreAnnotations(DataViewSchema input)
    {
        DataViewSchema.Annotations.Builder annotations = new();
        new TextKeys([.. Keys.Names]).AddTo(annotations, AnnotationUtils.Kinds.SlotNames);
        annotations.AddPrimitiveValue(
            AnnotationUtils.Kinds.ScoreValueKind,
            TextDataViewType.Instance,
            AnnotationUtils.Const.ScoreValueKind.Probability.AsMemory()
        );
        if (Task == ClassificationTask.MultiLabel)
        {
            return annotations.ToAnnotations();
        }

        Keys.AddTo(annotations, AnnotationUtils.Kinds.TrainingLabelValues);
        uint set = AnnotationUtils.GetMaxAnnotationKind(input, out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1;
        annotations.AddPrimitiveValue(
            AnnotationUtils.Kinds.ScoreColumnSetId,
            AnnotationUtils.ScoreColumnSetIdType,
            set
        );
        annotations.AddPrimitiveValue(
            AnnotationUtils.Kinds.ScoreColumnKind,
            TextDataViewType.Instance,
            AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification.AsMemory()
        );
        return annotations.ToAnnotations();
    }
}
