namespace Graft.Training;

/// <summary>
/// Whether a training may change how its process manages memory and threads. No result depends on it, only the peak of
/// the memory and the time.
/// </summary>
public enum MemoryPolicy
{
    /// <summary>Settings of the process stay as they are, and no garbage collection is forced. The default.</summary>
    LeaveProcessAlone,

    /// <summary>
    /// For a process that only trains, such as the command. On Linux with glibc native heaps are limited to two and
    /// large blocks go back to the system at once. After each phase the garbage of .NET, glibc and MKL is collected,
    /// which takes 10 to 100 ms. While layers are trained, freed memory stays with the process. Idle threads of
    /// libtorch sleep after some microseconds instead of milliseconds (GOMP_SPINCOUNT), unless libtorch is already
    /// loaded or the variable is set. The limit of the heaps and the variable stay after the training.
    /// </summary>
    ManageProcess,
}
