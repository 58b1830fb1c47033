using System.Runtime.InteropServices;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Quantization;

namespace Graft.Training.Release;

/// <summary>Makes a classifier int8 in several ways and keeps the one with the smallest loss on validation images.
/// </summary>
internal sealed class Int8Search(ModelCard card, ExportImages images, IProgress<TrainingEvent> progress)
{
    private const string Calibration = "calibrate";
    private const string Validation = "validate";
    private const float LeastProbability = 1e-9f;

    private readonly List<CalibrationTrial> _trials = [];
    private (OnnxModel Network, CalibrationTrial Trial)? _best;
    private long _done;

    /// <summary>The ways that were tried, in their order.</summary>
    public IReadOnlyList<CalibrationTrial> Trials => _trials;

    private int WeightBits => images.Options.WeightBits ?? Processor.WeightBits;

    /// <summary>Tries all methods, and the best of them after cross-layer equalization.</summary>
    /// <param name="model">The float32 network without its card.</param>
    /// <param name="name">Its name in error messages.</param>
    /// <exception cref="OnnxException">It cannot be made int8.</exception>
    public OnnxModel Run(OnnxModel model, string name)
    {
        NetworkQuantizer quantizer = NetworkQuantizer.Of(model, name, images.Shape[1..], hasLastLayer: true);
        Measure(quantizer);
        foreach (CalibrationMethod method in Enum.GetValues<CalibrationMethod>())
        {
            Try(quantizer, method, isEqualized: false);
        }

        if (quantizer.Equalized() is NetworkQuantizer equalized)
        {
            Measure(equalized);
            Try(equalized, _best!.Value.Trial.Method, isEqualized: true);
        }

        return _best!.Value.Network;
    }

    private void Report(string phase, long done, long total) =>
        progress.Report(new Progressed(phase, done, total, "images", 0, TimeSpan.Zero));

    private void Measure(NetworkQuantizer quantizer)
    {
        _done = 0;
        quantizer.Measure(images.Calibration.Inputs, images.Shape, images.Options.Threads, () =>
        {
            images.Cancel.ThrowIfCancellationRequested();
            Report(Calibration, ++_done, images.Calibration.Pixels.Count);
        });
    }

    private void Try(NetworkQuantizer quantizer, CalibrationMethod method, bool isEqualized)
    {
        OnnxModel network = quantizer.Write(method, WeightBits);
        (double loss, double accuracy) = Judge(network);
        CalibrationTrial trial = new(method, isEqualized, loss, accuracy);
        _trials.Add(trial);
        if (_best is not (_, CalibrationTrial best) || loss < best.Loss)
        {
            _best = (network, trial);
        }
    }

    private (double Loss, double Accuracy) Judge(OnnxModel network)
    {
        TrueLabels labels = ModelAnswers.LabelsOf(card, images.Validation.Images);
        using ClassifierSession session = new(network, "int8", images.Options.Threads);
        List<double> all = []; // [N,C]
        (double loss, int correct, int n) = (0, 0, 0);
        foreach (float[] input in images.Validation.Inputs)
        {
            images.Cancel.ThrowIfCancellationRequested();
            float[] probabilities = session.Run(input, images.Shape);
            loss += LossOf(probabilities, labels, n);
            correct += labels.Has(n, ProbabilityMatrix.IndexOfLargest(probabilities)) ? 1 : 0;
            all.AddRange(probabilities.Select(probability => (double)probability));
            Report(Validation, ++n, images.Validation.Pixels.Count);
        }

        return (
            loss / n,
            labels.AreSets
                ? AveragePrecision.Mean(CollectionsMarshal.AsSpan(all), labels, card.Labels.Count)
                : (double)correct / n
        );
    }

    // Where images have one label, the other classes say nothing new.
    private static double LossOf(float[] probabilities, TrueLabels labels, int image)
    {
        double loss = 0;
        for (int c = 0; c < probabilities.Length; c++)
        {
            bool has = labels.Has(image, c);
            if (has || labels.AreSets)
            {
                loss -= Math.Log(Math.Max(has ? probabilities[c] : 1 - probabilities[c], LeastProbability));
            }
        }

        return loss;
    }
}
