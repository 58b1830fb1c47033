namespace Graft.Training.Run;

/// <summary>Where a run is when a phase begins.</summary>
/// <param name="Number">Number of the run's part, counted from 1.</param>
/// <param name="Count">Number of parts.</param>
/// <param name="Left">Estimated time until the run ends. Null: nothing has been measured yet.</param>
internal readonly record struct PhaseOutlook(int Number, int Count, TimeSpan? Left);
