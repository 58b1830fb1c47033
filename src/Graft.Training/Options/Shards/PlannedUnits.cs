namespace Graft.Training;

/// <summary>Trainings that are planned.</summary>
/// <param name="Images">Full path of the folder, list or archive of the images.</param>
/// <param name="FirstSeed">The first seed.</param>
/// <param name="Units">Number of units: one a seed.</param>
/// <param name="Threads">Threads of each unit. The last bits of its sums depend on the number.</param>
/// <param name="Engine">What computes the frozen layers.</param>
public sealed record PlannedUnits(string Images, long FirstSeed, int Units, int Threads, Engine Engine);
