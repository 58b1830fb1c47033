using System.Text.Json.Serialization;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>How seeds.json is read and written.</summary>
[JsonSerializable(typeof(RepeatedTraining))]
internal sealed partial class SeedsJson : JsonSerializerContext
{
    public static SeedsJson Instance { get; } = new(new(TrainingRun.Json));
}
