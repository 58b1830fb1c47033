using System.Text.Json.Serialization;
using Graft.Training.Run;

namespace Graft.Training.Doctor;

/// <summary>How doctor.json is written and read.</summary>
[JsonSerializable(typeof(DataReport))]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    public static DoctorJson Instance { get; } = new(new(TrainingRun.Json));
}
