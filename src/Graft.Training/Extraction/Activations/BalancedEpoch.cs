using Graft.Infrastructure;

namespace Graft.Training.Extraction;

/// <summary>An epoch in which every class has as many places, to one.</summary>
internal static class BalancedEpoch
{
    /// <summary>
    /// As many places as there are images. A class goes through its images in a drawn order, goes on in the next epoch
    /// where it stopped in this one, and draws
    /// another order when it is through: over the epochs all images of a class are seen equally often, to one.
    /// </summary>
    /// <param name="labels">One an image.</param>
    /// <returns>Places in random order; <c>Occurrence</c> counts how often the image came before in this
    /// epoch.</returns>
    public static (int Image, int Occurrence)[] Draw(IReadOnlyList<int> labels, long seed, int epoch)
    {
        int[][] classes =
        [
            .. labels
                .Index()
                .GroupBy(one => one.Item, one => one.Index)
                .OrderBy(images => images.Key)
                .Select(images => images.ToArray()),
        ];
        List<(int Image, int Occurrence)> places = [];
        for (int c = 0; c < classes.Length; c++)
        {
            int[] images = classes[c];
            int[] seen = new int[images.Length];
            (long first, long last) = (PlacesBefore(epoch, c), PlacesBefore(epoch + 1, c));
            int[] order = [];
            for (long place = first; place < last; place++)
            {
                (long round, long at) = Math.DivRem(place, images.Length);
                if (place == first || at == 0)
                {
                    order = new CountedRandom(
                        (ulong)seed,
                        RandomPurpose.BalancedOrder,
                        (uint)round,
                        (ulong)c
                    ).Permutation(images.Length);
                }

                places.Add((images[order[at]], seen[order[at]]++));
            }
        }

        int[] shuffled = new CountedRandom((ulong)seed, RandomPurpose.BatchOrder, (uint)epoch).Permutation(
            places.Count
        );
        return Array.ConvertAll(shuffled, place => places[place]);

        // Of all places ever, counted through, every K-th is of one class.
        long PlacesBefore(int ofEpoch, int c) =>
            (((long)ofEpoch * labels.Count) - c + classes.Length - 1) / classes.Length;
    }
}
