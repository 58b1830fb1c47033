using System.Text.Json.Serialization;
using Graft.Training.Run;

namespace Graft.Training.Metrics;

/// <summary>How an evaluation is written as JSON.</summary>
[JsonSerializable(typeof(Evaluation))]
internal sealed partial class EvaluationJson : JsonSerializerContext
{
    public static EvaluationJson Instance { get; } = new(new(TrainingRun.Json));
}
