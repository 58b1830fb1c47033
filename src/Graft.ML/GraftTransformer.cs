using Graft.ML;
using Graft.ML.Columns;
using Graft.ML.Rows;
using Graft.Prediction;
using Graft.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(ITransformer),
    typeof(GraftTransformer),
    null,
    typeof(SignatureLoadModel),
    "Graft",
    GraftTransformer.LoaderSignature
)]

namespace Graft.ML;

/// <summary>
/// A trained image classifier as an ML.NET transformer: it adds scores and the predicted label. Thread-safe. A saved
/// ML.NET model holds the ONNX file as it is.
/// </summary>
public sealed class GraftTransformer : ITransformer, IDisposable
{
    internal const string LoaderSignature = "GraftClassifier";

    // the entry in the zip file of a saved model
    private const string ModelEntry = "model.onnx";

    private readonly IHost _host;
    private readonly byte[] _model;
    private readonly string? _imageFolder;
    private readonly OutputColumns _columns;
    private readonly Predictor _predictor;

    internal GraftTransformer(IHostEnvironment environment, OutputColumns columns, byte[] model, string? imageFolder)
    {
        _host = environment.Register(nameof(GraftTransformer));
        (_columns, _model, _imageFolder) = (columns, model, imageFolder);
        _predictor = Predictor.Load(model, ModelEntry);
    }

    // ML.NET calls it by reflection.
    private GraftTransformer(IHostEnvironment environment, ModelLoadContext context)
        : this(environment, Start(context), ReadModel(context), context.LoadStringOrNull()) { }

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The model's card: labels, preprocessing, origin, scores.</summary>
    public ModelCard Card => _predictor.Card;

    /// <summary>
    /// Graft's own evaluation on the images that it held out itself; null where the model was loaded.
    /// </summary>
    public RunEvaluation? Evaluation { get; internal init; }

    /// <summary>Folder of the run; null where it was not kept (<see cref="GraftOptions.RunsFolder"/>).</summary>
    public string? RunFolder { get; internal init; }

    private static VersionInfo FileVersion =>
        new(
            modelSignature: "GRAFTCLS",
            verWrittenCur: 0x00010001,
            verReadableCur: 0x00010001,
            verWeCanReadBack: 0x00010001,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(GraftTransformer).Assembly.FullName
        );

    /// <summary>Writes the classifier as an ONNX file, for <see cref="Predictor"/> and other programs.</summary>
    /// <param name="path">Path of the file. An earlier one is overwritten.</param>
    public void SaveOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllBytes(path, _model);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The image column is missing or has another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => MapperFor(inputSchema).OutputSchema;

    /// <summary>
    /// Adds the outputs to the rows. Nothing is computed until they are read; an image that cannot be used throws
    /// <see cref="Imaging.ImageException"/> then.
    /// </summary>
    /// <exception cref="ArgumentException">The image column is missing or has another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new PredictedView(input, MapperFor(input.Schema));
    }

    /// <summary>Frees the network. A disposed transformer cannot be used any more.</summary>
    public void Dispose() => _predictor.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => MapperFor(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext context)
    {
        context.CheckAtModel();
        context.SetVersionInfo(FileVersion);
        context.SaveBinaryStream(ModelEntry, writer => writer.Write(_model));
        _columns.Save(context);
        context.SaveStringOrNull(_imageFolder);
    }

    private static OutputColumns Start(ModelLoadContext context)
    {
        context.CheckAtModel(FileVersion);
        return OutputColumns.Load(context);
    }

    private static byte[] ReadModel(ModelLoadContext context)
    {
        using MemoryStream model = new();
        return context.TryLoadBinaryStream(ModelEntry, reader => reader.BaseStream.CopyTo(model))
            ? model.ToArray()
            : throw new GraftException($"the saved model cannot be loaded: it has no '{ModelEntry}'; save it again");
    }

    private ClassifierMapper MapperFor(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new(inputSchema, _columns, _predictor, _imageFolder);
    }
}
