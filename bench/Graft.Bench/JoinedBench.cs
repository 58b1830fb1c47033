using Graft.Imaging;
using Graft.Prediction;
using Microsoft.ML.OnnxRuntime;

namespace Graft.Bench;

/// <summary>
/// Compares the network of joined bodies with those of its bodies, in ONNX Runtime on the same tensor. The networks
/// take turns, so other load on the machine affects all of them. Times are medians.
/// </summary>
internal static class JoinedBench
{
    private const int Turns = 200;
    private const int WarmUp = 20;

    /// <param name="joined">The exported file of joined bodies.</param>
    /// <param name="bodies">The exported files of the bodies.</param>
    public static void Run(string joined, string[] bodies)
    {
        foreach (int threads in (int[])[1, 0])
        {
            Network[] networks = [.. bodies.Prepend(joined).Select(path => new Network(path, threads))];
            List<double>[] seconds = [.. networks.Select(_ => new List<double>())];
            for (int turn = -WarmUp; turn < Turns; turn++)
            {
                for (int n = 0; n < networks.Length; n++)
                {
                    double time = PredictBench.Time(networks[n].Run);
                    if (turn >= 0)
                    {
                        seconds[n].Add(time);
                    }
                }
            }

            double[] medians = Array.ConvertAll(seconds, PredictBench.Median);
            string each = string.Join(" + ", medians.Skip(1).Select(median => $"{1000 * median:0.0}"));
            double ratio = medians[0] / medians.Skip(1).Sum();
            Console.WriteLine(
                $"{(threads == 0 ? "one thread per core" : "one thread")}, median of {Turns}: joined "
                    + $"{1000 * medians[0]:0.0} ms; its bodies {each} ms; ratio {ratio:0.00}"
            );
            Array.ForEach(networks, network => network.Dispose());
        }
    }

    private sealed class Network : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly int[] _shape;
        private readonly float[] _input;

        public Network(string path, int threads)
        {
            using Predictor predictor = Predictor.Load(path, new() { Threads = 1 });
            Preprocessing recipe = predictor.Card.Preprocessing;
            _shape = [1, 3, recipe.Height, recipe.Width];
            _input = [.. Enumerable.Range(0, 3 * recipe.Height * recipe.Width).Select(i => (float)(i * 37 % 256))];
            using SessionOptions options = new() { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
            // the threads of one network must not wait in a loop while another one computes
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            options.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
            _session = new(path, options);
        }

        public void Run() => PredictBench.Answer(_session, _input, _shape);

        public void Dispose() => _session.Dispose();
    }
}
