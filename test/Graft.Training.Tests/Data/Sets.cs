namespace Graft.Training.Tests.Data;

internal static class Sets
{
    /// <summary>Loads a set, cancelled with the test.</summary>
    public static ImageSet Load(string path, ImageSetOptions? options = null) =>
        ImageSet.Load(path, options, cancel: TestContext.Current.CancellationToken);
}
