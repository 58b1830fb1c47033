using System.ComponentModel;

namespace Graft.Infrastructure;

/// <summary>
/// Counter-based random numbers: each is a pure function of (seed, purpose, epoch, image, view, draw). Thread timing,
/// resuming and sharding cannot change them. Philox4x32-10 of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2,
/// 3", SC 2011.
/// </summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct CountedRandom
{
    private const double TwoToMinus53 = 1.0 / (1UL << 53);

    private readonly ulong key;
    private readonly ulong image;
    private readonly uint view;

    /// <summary>The stream of draws for one image and view in one epoch.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="purpose">Purpose of the numbers; each purpose has its own stream.</param>
    /// <param name="epoch">Epoch, counted from 0; 0 if there are no epochs.</param>
    /// <param name="image">Key of the image, such as the first 8 bytes of the SHA-256 of its content; 0 if there is no
    /// image.</param>
    /// <param name="view">Number of the view; 0 if there is none.</param>
    public CountedRandom(ulong seed, RandomPurpose purpose, uint epoch = 0, ulong image = 0, uint view = 0)
    {
        // Seed and image fill 128 bits of key and counter. Philox itself mixes purpose and epoch into the key.
        key = Philox(new((uint)purpose, epoch, 0, 0), seed).Low;
        this.image = image;
        this.view = view;
    }

    /// <summary>A uniform number in [0, 1), a multiple of 2^-53.</summary>
    /// <param name="draw">Index of the draw.</param>
    public double Uniform(uint draw) => (Block(draw).Low >> 11) * TwoToMinus53;

    /// <summary>
    /// A uniform integer in [0, <paramref name="count"/>), without bias (Lemire, "Fast Random Integer Generation in an
    /// Interval", 2019).
    /// </summary>
    /// <param name="count">Number of possible values; at least 1.</param>
    /// <param name="draw">Index of the draw.</param>
    public int Below(int count, uint draw)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ulong unfair = unchecked(0UL - (ulong)count) % (ulong)count;
        for (ulong again = 0; ; again++)
        {
            Words words = Block(draw, again);
            ulong high = Math.BigMul(words.Low, (ulong)count, out ulong low);
            if (low >= unfair)
            {
                return (int)high;
            }
        }
    }

    /// <summary>
    /// A number of the normal distribution with mean 0 and standard deviation 1 (Box and Muller, 1958).
    /// </summary>
    /// <param name="draw">Index of the draw.</param>
    public double Normal(uint draw)
    {
        Words words = Block(draw);
        double radius = Math.Sqrt(-2 * Math.Log(((words.Low >> 11) + 1) * TwoToMinus53)); // (0, 1]: no logarithm of 0
        return radius * Math.Cos(2 * Math.PI * ((words.High >> 11) * TwoToMinus53));
    }

    /// <summary>
    /// The numbers 0 to <paramref name="count"/> - 1 in random order. Uses the draws 1 to <paramref name="count"/> - 1.
    /// </summary>
    /// <param name="count">Number of values.</param>
    public int[] Permutation(int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = i;
        }

        for (int last = count - 1; last > 0; last--)
        {
            int other = Below(last + 1, (uint)last);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    /// <summary>The four words of a Philox4x32-10 block or counter.</summary>
    /// <param name="W0">Word 0.</param>
    /// <param name="W1">Word 1.</param>
    /// <param name="W2">Word 2.</param>
    /// <param name="W3">Word 3.</param>
    public readonly record struct Words(uint W0, uint W1, uint W2, uint W3)
    {
        /// <summary>Words 1 and 0 as one number.</summary>
        public ulong Low => W0 | ((ulong)W1 << 32);

        /// <summary>Words 3 and 2 as one number.</summary>
        public ulong High => W2 | ((ulong)W3 << 32);
    }

    /// <summary>Ten rounds of Philox: a bijection of the counter for each key.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="key">The key; its low half is key word 0.</param>
    public static Words Philox(Words counter, ulong key)
    {
        (uint c0, uint c1, uint c2, uint c3) = counter;
        uint k0 = (uint)key;
        uint k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = 0xD2511F53UL * c0;
            ulong product1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = (
                (uint)(product1 >> 32) ^ c1 ^ k0,
                (uint)product1,
                (uint)(product0 >> 32) ^ c3 ^ k1,
                (uint)product0
            );
            k0 = unchecked(k0 + 0x9E3779B9u); // the golden ratio
            k1 = unchecked(k1 + 0xBB67AE85u); // the square root of 3, less 1
        }

        return new(c0, c1, c2, c3);
    }

    private Words Block(uint draw, ulong again = 0) =>
        Philox(new(draw, view, (uint)image, (uint)(image >> 32)), unchecked(key + again));
}
