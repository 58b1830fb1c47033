using Graft.Infrastructure;

namespace Graft.Training.Extraction;

/// <summary>Draws epochs in which all classes have the same number of places, give or take one.</summary>
internal static class BalancedEpoch
{
    /// <summary>
    /// Draws as many places as there are images. A class takes its images in a random order, continues in the next
    /// epoch where it stopped, and draws a new order when all are used. Over the epochs, all images of a class appear
    /// equally often, give or take one.
    /// </summary>
    /// <param name="labels">Class number of each image.</param>
    /// <returns>
    /// Places in random order. <c>Occurrence</c> is the number of earlier places of the image in this epoch.
    /// </returns>
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

        // Numbered over all epochs, every K-th place belongs to the same class.
        long PlacesBefore(int ofEpoch, int c) =>
            (((long)ofEpoch * labels.Count) - c + classes.Length - 1) / classes.Length;
    }
}
