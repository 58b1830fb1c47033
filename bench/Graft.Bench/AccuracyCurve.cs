using Graft.Imaging;
using Graft.Prediction;
using Graft.Training;
using Graft.Training.Data;
using Graft.Training.Metrics;

namespace Graft.Bench;

/// <summary>Accuracy on the test images against seconds, of several ways to train.</summary>
internal sealed class AccuracyCurve
{
    private const double LowestAccuracy = 0.5;
    private const double LongestLine = 1.2; // of the last point's seconds

    private static readonly string[] s_colours = ["#1a7f37", "#0969da", "#b35900"];
    private readonly List<(string Name, List<(double Seconds, double Accuracy)> Points)> _ways = [];

    /// <summary>Adds a model of one way: the best that a user of it has from these seconds on.</summary>
    public void Add(string name, double seconds, double accuracy)
    {
        if (_ways.Count == 0 || _ways[^1].Name != name)
        {
            _ways.Add((name, []));
        }

        _ways[^1].Points.Add((seconds, accuracy));
    }

    /// <summary>Accuracy of a model file on the test images, 0 to 1.</summary>
    public static double OnTestImages(string model, TrainingData data)
    {
        using Predictor predictor = Predictor.Load(model);
        int right = 0;
        foreach (LabelledImage image in data.Test)
        {
            right += predictor.Predict(image.ReadBytes(new DecodeLimits())).Label == image.Label ? 1 : 0;
        }

        return right / (double)data.Test.Count;
    }

    /// <summary>
    /// Writes the curves as an SVG file. Each way is a staircase: a model stays until the next is better.
    /// </summary>
    public void Write(string path)
    {
        double last = LongestLine * _ways.Max(way => way.Points[^1].Seconds);
        double end = Math.Pow(10, Math.Ceiling(Math.Log10(last)));
        ChartAxis seconds = new(
            "seconds from the start, empty cache",
            1,
            end,
            [.. Enumerable.Range(0, (int)Math.Round(Math.Log10(end)) + 1).Select(power => Math.Pow(10, power))]
        )
        {
            IsLogarithmic = true,
        };
        ChartAxis accuracy = new("", LowestAccuracy, 1, [0.5, 0.6, 0.7, 0.8, 0.9, 1]);
        LineChart chart = new(
            "Accuracy on the test images of the best model so far",
            seconds,
            accuracy,
            [
                .. _ways.Select(
                    (way, i) => new ChartLine(way.Name, s_colours[i % s_colours.Length], Staircase(way.Points, last))
                ),
            ]
        )
        {
            Width = 560,
            Height = 320,
        };
        File.WriteAllText(path, chart.ToFile());
    }

    private static List<(double X, double Y)> Staircase(List<(double Seconds, double Accuracy)> points, double last)
    {
        List<(double X, double Y)> corners = [(points[0].Seconds, LowestAccuracy)];
        foreach ((double seconds, double accuracy) in points)
        {
            corners.Add((seconds, corners[^1].Y));
            corners.Add((seconds, Math.Max(corners[^1].Y, accuracy)));
        }

        corners.Add((last, corners[^1].Y));
        return corners;
    }
}
