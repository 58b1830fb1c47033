namespace Graft.Training;

/// <summary>
/// The cache of activations and features: what frozen layers computed in earlier runs. Clearing it changes no result,
/// only the time of the next run.
/// </summary>
public static class FeatureCache
{
    /// <summary>Lists the contents of a cache without changing it.</summary>
    /// <param name="options">Null: the cache that trainings use by default.</param>
    /// <exception cref="GraftException">The cache cannot be read.</exception>
    public static CacheContents List(CacheOptions? options = null) => CacheContents.Read(options ?? new());

    /// <summary>Deletes a cache.</summary>
    /// <param name="options">Null: the cache that trainings use by default.</param>
    /// <returns>Number of bytes freed.</returns>
    /// <exception cref="GraftException">The cache cannot be deleted.</exception>
    public static long Clear(CacheOptions? options = null) => CacheContents.Clear(options ?? new());
}
