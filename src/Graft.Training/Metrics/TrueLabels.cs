using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Graft.Training.Metrics;

/// <summary>
/// What is true of N images: the class of each, or any number of classes. One type for both, so that the code between
/// the images and the losses is the same for both tasks.
/// </summary>
[CollectionBuilder(typeof(TrueLabels), nameof(OfNumbers))]
internal sealed class TrueLabels
{
    private readonly int[] _numbers; // [N]; empty where images have any number of classes
    private readonly byte[]? _sets; // [N,C]

    private TrueLabels(int[] numbers, byte[]? sets, int count, int classCount) =>
        (_numbers, _sets, Count, ClassCount) = (numbers, sets, count, classCount);

    /// <summary>Number of images, N.</summary>
    public int Count { get; }

    /// <summary>True where an image may have any number of classes.</summary>
    public bool AreSets => _sets is not null;

    /// <summary>Number of classes, C; 0 where each image has one and nobody has said how many there are.</summary>
    public int ClassCount { get; }

    /// <summary>The class of each image, [N].</summary>
    /// <exception cref="InvalidOperationException">An image may have any number of classes.</exception>
    public int[] Numbers =>
        AreSets
            ? throw new InvalidOperationException("images of any number of classes have no class number")
            : _numbers;

    /// <summary>1 where an image has a class and 0 elsewhere, [N,C].</summary>
    /// <exception cref="InvalidOperationException">Each image has one class.</exception>
    public ReadOnlySpan<byte> Sets => _sets ?? throw new InvalidOperationException("each image has one class");

    /// <summary>The content as bytes, for keys of caches.</summary>
    public byte[] Bytes => _sets ?? MemoryMarshal.AsBytes(_numbers.AsSpan()).ToArray();

    /// <summary>
    /// A number for each image, [N], equal for images that a stratified draw may exchange: the class, or 0.
    /// </summary>
    public int[] Strata => AreSets ? new int[Count] : _numbers;

    public static implicit operator TrueLabels(int[] numbers) => new(numbers, null, numbers.Length, 0);

    /// <summary>Images with one class each.</summary>
    /// <param name="numbers">Class of each image, [N].</param>
    public static TrueLabels OfNumbers(ReadOnlySpan<int> numbers) => numbers.ToArray();

    /// <summary>Images with any number of classes.</summary>
    /// <param name="sets">1 where an image has a class and 0 elsewhere, [N,C]. It is not copied.</param>
    /// <param name="classCount">Number of classes, C.</param>
    public static TrueLabels OfSets(byte[] sets, int classCount) =>
        sets.Length % classCount == 0
            ? new([], sets, sets.Length / classCount, classCount)
            : throw new ArgumentException($"{sets.Length} values are no rows of {classCount}", nameof(sets));

    /// <summary>True where the image has the class.</summary>
    public bool Has(int image, int label) =>
        _sets is null ? _numbers[image] == label : _sets[(image * ClassCount) + label] != 0;

    /// <summary>Number of images that have the class.</summary>
    public int PositivesOf(int label) => Enumerable.Range(0, Count).Count(image => Has(image, label));

    /// <summary>Some of the images, in the given order; an image may come several times.</summary>
    public TrueLabels At(IReadOnlyList<int> images)
    {
        if (_sets is null)
        {
            return images.Select(image => _numbers[image]).ToArray();
        }

        byte[] sets = new byte[images.Count * ClassCount];
        for (int n = 0; n < images.Count; n++)
        {
            _sets.AsSpan(images[n] * ClassCount, ClassCount).CopyTo(sets.AsSpan(n * ClassCount));
        }

        return OfSets(sets, ClassCount);
    }

    /// <summary>Each image several times in a row.</summary>
    public TrueLabels Repeated(int times) =>
        At([.. Enumerable.Range(0, Count).SelectMany(image => Enumerable.Repeat(image, times))]);

    /// <summary>The classes of <see cref="Numbers"/>.</summary>
    public IEnumerator<int> GetEnumerator() => Numbers.AsEnumerable().GetEnumerator();

    /// <summary>Every value as text, as a part of a description.</summary>
    public override string ToString() => _sets is null ? string.Join(',', _numbers) : string.Join(',', _sets);
}
