using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Quantization;

namespace Graft.Training.Release;

/// <summary>A classifier in less precision, with its card.</summary>
internal sealed class ReducedModel
{
    private readonly OnnxModel _network;
    private ModelCard _card;

    private ReducedModel(OnnxModel network, ModelCard card, IReadOnlyList<CalibrationTrial> trials)
    {
        (_network, _card, Trials) = (network, card, trials);
        Bytes = WithCard();
    }

    /// <summary>The file.</summary>
    public byte[] Bytes { get; private set; }

    /// <summary>The ways to int8 that were tried; empty for float16.</summary>
    public IReadOnlyList<CalibrationTrial> Trials { get; }

    /// <summary>The model with its weights in float16.</summary>
    /// <param name="model">The float32 network with its card.</param>
    /// <param name="name">Its name in error messages.</param>
    /// <param name="card">Its card.</param>
    public static ReducedModel InHalves(OnnxModel model, string name, ModelCard card) =>
        Of(HalfWeights.Write(model), name, card, ModelPrecision.Float16, [], null);

    /// <summary>The model in int8.</summary>
    /// <param name="model">The float32 network with its card.</param>
    /// <param name="name">Its name in error messages.</param>
    /// <param name="card">Its card.</param>
    /// <param name="search">Finds the best way.</param>
    public static ReducedModel InBytes(OnnxModel model, string name, ModelCard card, Int8Search search)
    {
        OnnxModel network = search.Run(model, name);
        double accuracy = search.Trials.MinBy(trial => trial.Loss)!.Accuracy;
        return Of(network, name, card, ModelPrecision.Int8, search.Trials, accuracy);
    }

    /// <summary>Notes the accuracy on the test images, which is measured after the file is made.</summary>
    public void NoteTestAccuracy(double accuracy)
    {
        _card = _card with { Scores = _card.Scores with { TestAccuracy = accuracy } };
        Bytes = WithCard();
    }

    /// <summary>Writes the card beside the file, and then the file.</summary>
    public void Write(string path)
    {
        _card.WriteBeside(path);
        AtomicFile.Write(path, Bytes);
    }

    private static ReducedModel Of(
        OnnxModel network,
        string name,
        ModelCard card,
        ModelPrecision precision,
        IReadOnlyList<CalibrationTrial> trials,
        double? validationAccuracy
    )
    {
        ModelCard own = card with
        {
            Precision = precision,
            Scores = new(validationAccuracy ?? card.Scores.ValidationAccuracy),
            CreatedBy = ModelExport.Creator,
            SelfTest = SelfTest.Create(network.ToBytes(), name, card.Preprocessing),
        };
        return new(network, own.Checked(name), trials);
    }

    private byte[] WithCard()
    {
        _network.SetMetadata(ModelCard.MetadataKey, _card.ToJson());
        return _network.ToBytes();
    }
}
