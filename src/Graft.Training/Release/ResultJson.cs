using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>The generated code that writes and reads evaluation.json.</summary>
[JsonSerializable(typeof(RunEvaluation))]
internal sealed partial class ResultJson : JsonSerializerContext;

/// <summary>How evaluation.json is written and read.</summary>
internal static class ResultFormat
{
    // Members that belong to an option or a finding are left out where that does not apply.
    private static readonly Dictionary<string, Func<RunEvaluation, bool>> s_conditions = new()
    {
        ["maxError"] = evaluation => evaluation.MaxError is not null,
        ["unsureBelow"] = evaluation => evaluation.MaxError is not null,
        ["testGroups"] = evaluation => evaluation.TestGroups > 0,
        ["leakedTestImages"] = evaluation => evaluation.LeakedTestImages > 0,
        ["accuracyWithoutLeaks"] = evaluation => evaluation.LeakedTestImages > 0,
        ["accuracyIntervalWithoutLeaks"] = evaluation => evaluation.LeakedTestImages > 0,
        ["trials"] = evaluation => evaluation.Trials.Count > 0,
    };

    private static readonly JsonSerializerOptions s_options = new(TrainingRun.Json)
    {
        TypeInfoResolver = ResultJson.Default.WithAddedModifier(Condition),
    };

    public static JsonTypeInfo<RunEvaluation> RunEvaluation { get; } =
        (JsonTypeInfo<RunEvaluation>)s_options.GetTypeInfo(typeof(RunEvaluation));

    private static void Condition(JsonTypeInfo type)
    {
        if (type.Type != typeof(RunEvaluation))
        {
            return;
        }

        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (s_conditions.TryGetValue(property.Name, out Func<RunEvaluation, bool>? isWritten))
            {
                property.ShouldSerialize = (evaluation, _) => isWritten((RunEvaluation)evaluation);
            }
        }
    }
}
