using Graft.Onnx;

namespace Graft.Training.Phases;

/// <summary>A network that could be shipped.</summary>
/// <param name="Name">"probe" or "fine-tuned".</param>
/// <param name="Network">Body and head, down to the logits.</param>
/// <param name="Score">On validation images, by weights that did not see them.</param>
/// <param name="Logits">On the same images, N x C: what the temperature is fitted on.</param>
/// <param name="Stopped">Why its training stopped.</param>
internal sealed record Candidate(string Name, OnnxModel Network, Score Score, float[] Logits, string Stopped);
