namespace Graft.Training.Extraction;

/// <summary>
/// The frozen part of a network, ready to run. Thread-safe. An image's values do not depend on the other images of its
/// batch.
/// </summary>
internal interface IFrozenNetwork : IDisposable
{
    /// <summary>Number of images that run fastest together.</summary>
    public int Batch { get; }

    /// <summary>Runs <paramref name="count"/> images.</summary>
    /// <param name="pixels">[N,3,H,W], R, G, B in 0..255.</param>
    /// <param name="count">Number of images, N.</param>
    /// <returns>One array per output of the network, in its order: [N, values of a row].</returns>
    public IReadOnlyList<float[]> Run(float[] pixels, int count);
}
