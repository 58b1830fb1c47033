using Graft.Explanation;

namespace Graft.AspNetCore;

/// <summary>An explanation and the version of the model that gave it.</summary>
/// <param name="Explanation">The places that speak for a class.</param>
/// <param name="Version">Version of the model.</param>
public sealed record ServedExplanation(ImageExplanation Explanation, string Version);
