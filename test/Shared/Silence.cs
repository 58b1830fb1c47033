namespace Graft.Tests;

/// <summary>Listens to nothing.</summary>
internal sealed class Silence<T> : IProgress<T>
{
    public void Report(T value) { }
}
