using System.Text.Json.Serialization;

namespace Graft.AspNetCore;

/// <summary>Writes answers and reads requests without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(PredictAnswer))]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ModelAnswer>))]
[JsonSerializable(typeof(JsonImageList))]
internal sealed partial class ServingJson : JsonSerializerContext;
