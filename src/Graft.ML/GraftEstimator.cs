using Graft.Infrastructure;
using Graft.ML.Columns;
using Graft.ML.Rows;
using Graft.Prediction;
using Graft.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Graft.ML;

/// <summary>
/// Trains an image classifier by transfer learning, as a step of an ML.NET pipeline. <see cref="GraftCatalog"/> makes
/// one.
/// </summary>
public sealed class GraftEstimator : IEstimator<GraftTransformer>
{
    private readonly IHost _host;
    private readonly GraftOptions _options;
    private readonly ClassificationTask _task;

    internal GraftEstimator(IHostEnvironment environment, GraftOptions options, ClassificationTask task)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_host, _options, _task) = (environment.Register(nameof(GraftEstimator)), options.Checked(), task);
    }

    /// <summary>Trains on the rows of <paramref name="input"/>, which takes minutes rather than seconds.</summary>
    /// <remarks>
    /// Paths are read again whenever their pixels are needed. Images that come as bytes or <c>MLImage</c> are kept in a
    /// temporary folder until the training ends. Rows whose image cannot be used are left out and named in the log;
    /// more than 1 % of them are an error (<see cref="TrainingOptions.RejectedLimit"/>).
    /// </remarks>
    /// <param name="input">Rows with the columns of the options.</param>
    /// <returns>The trained model. Dispose it after its last use.</returns>
    /// <exception cref="ArgumentException">A column is missing or has another type.</exception>
    /// <exception cref="GraftException">The images or the body cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The training was cancelled before there was a model.</exception>
    public GraftTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using IChannel channel = _host.Start(nameof(Fit));
        ChannelProgress progress = new(channel, _options.Progress);
        CancellationToken cancel = _options.Cancel;
        using FitFolder folder = new(_options.RunsFolder);
        LabelKeys keys = LabelKeys.Of(input.Schema, _options.LabelColumnName, _task);
        LabelledRows rows = new(_options, _task, keys, folder.Images, progress);
        rows.Read(input, part: null, cancel);
        if (_options.ValidationSet is IDataView validation)
        {
            rows.Read(validation, ImagePart.Validation, cancel);
        }

        TrainingOptions training = _options.Training with { Task = _task };
        ImageSetOptions reading = new()
        {
            Task = _task,
            Data = training.Data,
            Limits = training.Limits.Image,
        };
        ImageSet images = ImageSet.CreateAsync(rows.Images, reading, progress, cancel).GetAwaiter().GetResult();
        if (images.Classes.FirstOrDefault(name => !keys.Names.Contains(name)) is string changed)
        {
            throw new GraftException(
                $"the label '{Printable.Text(changed)}' is not among the key values in this Unicode form; "
                    + "normalise the labels to form C"
            );
        }

        TrainingResult result = Trainer.Train(images, folder.Run, training, progress, cancel);
        OutputColumns columns = new(_options, _task, keys);
        return new(_host, columns, File.ReadAllBytes(result.ModelPath), _options.ImageFolder)
        {
            Evaluation = result.Evaluation,
            RunFolder = folder.IsKept ? folder.Run : null,
        };
    }

    /// <summary>The columns that the fitted transformer gives.</summary>
    /// <exception cref="ArgumentException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return OutputShape.Of(inputSchema, _options, _task);
    }
}
