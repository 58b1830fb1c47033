using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>The input transforms that a network may have, where nothing in its file tells which.</summary>
/// <param name="Choices">The known ones for an input of this size, the assumed one first.</param>
/// <param name="Assumption">The warning where none is tried and the first is assumed.</param>
internal sealed record OpenTransform(IReadOnlyList<NamedTransform> Choices, Notice Assumption);

/// <summary>An input transform with the name by which an option states it.</summary>
internal sealed record NamedTransform(string Name, Preprocessing Preprocessing);
