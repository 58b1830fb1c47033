using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>Random initial values for fully connected layers.</summary>
internal static class RandomLayer
{
    /// <summary>
    /// A layer with normally distributed weights of variance 2 / <paramref name="inputs"/> and no bias
    /// (He et al. 2015, arXiv 1502.01852, section 2.2). Expects inputs of mean 0 and deviation 1.
    /// </summary>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="inputs">Number of inputs.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="layer">Index of the layer in the head; each layer draws its own numbers.</param>
    public static LinearLayer Of(int outputs, int inputs, long seed, int layer)
    {
        CountedRandom random = new((ulong)seed, RandomPurpose.HeadValues, (uint)layer);
        double scale = Math.Sqrt(2.0 / inputs);
        double[] weight = new double[(long)outputs * inputs];
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] = scale * random.Normal((uint)i);
        }

        return new(outputs, inputs, weight, new double[outputs]);
    }
}
