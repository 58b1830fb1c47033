using System.Diagnostics;

namespace Graft.Bench;

/// <summary>
/// Measures several ways to do the same work. They take turns, so other load on the machine affects all of them. The
/// fastest round of each counts.
/// </summary>
/// <param name="images">Images that one round processes.</param>
internal sealed class Rounds(int images)
{
    private readonly List<(string Name, Action Work)> _ways = [];

    /// <summary>Adds a way.</summary>
    public void Add(string name, Action work) => _ways.Add((name, work));

    /// <summary>Prints images per second, and the ratio to the first way.</summary>
    /// <param name="rounds">Number of rounds after one that is not counted.</param>
    /// <returns>Seconds of each way.</returns>
    public double[] Run(int rounds)
    {
        double[] best = [.. _ways.Select(_ => double.MaxValue)];
        for (int r = 0; r <= rounds; r++)
        {
            for (int i = 0; i < best.Length; i++)
            {
                Stopwatch watch = Stopwatch.StartNew();
                _ways[i].Work();
                best[i] = r == 0 ? best[i] : Math.Min(best[i], watch.Elapsed.TotalSeconds);
            }
        }

        for (int i = 0; i < best.Length; i++)
        {
            Console.WriteLine($"{_ways[i].Name,-66} {images / best[i],8:0.0} images/s {best[0] / best[i],7:0.00} x");
        }

        return best;
    }
}
