using Graft.Cli.Views;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>What `evaluate` was told to do.</summary>
/// <param name="Part">The images to use: a part in lower case, "all", or "" for the test part if there is one.</param>
/// <param name="SplitFile">A run's split.csv; null: the parts of the data.</param>
/// <param name="Against">A second model; null: none.</param>
/// <param name="RejectedLimit">A larger share of unusable images is an error.</param>
/// <param name="Loading">How the models are loaded.</param>
/// <param name="Reading">How the images are read.</param>
/// <param name="IsJson">Whether the result is one JSON document.</param>
/// <param name="Loudness">What is told beside the result.</param>
internal sealed record EvaluateRequest(
    string Part,
    string? SplitFile,
    string? Against,
    double RejectedLimit,
    PredictorOptions Loading,
    ImageSetOptions Reading,
    bool IsJson,
    Loudness Loudness
);
