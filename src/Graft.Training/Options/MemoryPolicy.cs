namespace Graft.Training;

/// <summary>
/// Whether a training may change how its process manages memory. No result depends on it, only the peak of the memory.
/// </summary>
public enum MemoryPolicy
{
    /// <summary>Settings of the process stay as they are, and no garbage collection is forced. The default.</summary>
    LeaveProcessAlone,

    /// <summary>
    /// For a process that only trains, such as the command. On Linux with glibc native heaps are limited to two and
    /// large blocks go back to the system at once. After each phase the garbage of .NET, glibc and MKL is collected,
    /// which takes 10 to 100 ms. The limit of the heaps stays after the training.
    /// </summary>
    ManageProcess,
}
