using System.Globalization;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Pipeline;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Bench;

/// <summary>
/// Compares the probes of several bodies, pair by pair: each is fitted on the same random subsets and tests on the same
/// other images. Features and head are chosen as in a training.
/// </summary>
internal static class BodiesBench
{
    private const int Folds = 5;

    /// <param name="images">The images.</param>
    /// <param name="bodies">Bodies as NAME, NAME+NAME or NAME@SIZE. All are compared with the first one.</param>
    /// <param name="settings">images=10 subsets=6 test=30 threads=0 groups=one heads=one weights.NAME=FILE.</param>
    public static void Run(string images, string[] bodies, Settings settings)
    {
        TorchSetup.UseThreads((int)settings.Number("threads", 0));
        using ActivationCache? cache = ActivationCache.Open(new(), TimeProvider.System, Console.Error.WriteLine);
        TrainingData data = TrainingData.Read(
            images,
            DataPlan.Of(new()),
            new Silence<TrainingEvent>(),
            default,
            InspectionCache.In(cache, new Limits().Image)
        );
        SortedDictionary<string, List<double>> all = new(StringComparer.Ordinal);
        foreach (string body in bodies)
        {
            using ExtractedFeatures features = Extract(body, data, cache, settings);
            foreach (int perClass in settings.Text("images")!.Split(',').Select(int.Parse))
            {
                for (int seed = 1; seed <= (int)settings.Number("subsets", 6); seed++)
                {
                    foreach (
                        (string name, double accuracy, double loss) in Fit(features, data, perClass, seed, settings)
                    )
                    {
                        Console.WriteLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{perClass}\t{seed}\t{body}\t{name}\t{accuracy:0.0000}\t{loss:0.0000}"
                            )
                        );
                        string key = $"{perClass}\t{body}\t{name}";
                        all.TryAdd(key, []);
                        all[key].Add(100 * accuracy);
                    }
                }
            }
        }

        foreach ((string key, List<double> points) in all)
        {
            string perClass = key[..key.IndexOf('\t')];
            double[] gains = [.. points.Zip(all[$"{perClass}\t{bodies[0]}\t{Chosen}"], (own, first) => own - first)];
            double mean = gains.Average();
            double error = Math.Sqrt(
                gains.Sum(gain => (gain - mean) * (gain - mean)) / (gains.Length - 1.0) / gains.Length
            );
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"# {key}\t{points.Average():0.00}\tdifference to {bodies[0]}: {mean:+0.00;-0.00} ± {error:0.00}"
                )
            );
        }
    }

    private const string Chosen = "chosen";

    private static ExtractedFeatures Extract(string body, TrainingData data, ActivationCache? cache, Settings settings)
    {
        string[] parts = body.Split('@');
        BodySource[] branches =
        [
            .. parts[0]
                .Split('+')
                .Select(name => BodySource.Named(name) with { Weights = settings.Text($"weights.{name}") }),
        ];
        BodySource source =
            branches.Length == 1 ? branches[0] : BodySource.Joined(branches[0], branches[1], branches[2..]);
        source = source with
        {
            InputSize = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null,
        };
        TrainingOptions options = new() { Body = source };
        PreparedBody prepared = PreparedBody.Load(options, options.Cache);
        TrainableBody loaded = prepared.WithStages(options, null);
        return ExtractedFeatures.Extract(
            loaded,
            ExtractionPlans.Of(options, loaded.Model, [], randomViews: 0, data.Train.Count) with
            {
                TestViews = 1,
            },
            data,
            cache,
            new Silence<TrainingEvent>(),
            default
        );
    }

    private static IEnumerable<(string Name, double Accuracy, double Loss)> Fit(
        ExtractedFeatures extracted,
        TrainingData data,
        int perClass,
        int seed,
        Settings settings
    )
    {
        (List<LabelledImage> training, List<LabelledImage> test) = StudyBench.Draw(
            data,
            perClass,
            seed,
            (int)settings.Number("test", 30)
        );
        int[] folds = ValidationScheme.FoldsOf(data, training, seed, Folds);
        bool triesClosedForm = settings.Text("heads") != "one";
        bool isOneGroup = settings.Text("groups") == "one";
        FeatureTrial trial = FeatureTrial.Run(
            extracted.All with
            {
                Cache = null,
            },
            Pooling.Auto,
            data.LabelsOf(training),
            (features, before) =>
                ProbeFits.Fit(
                    isOneGroup ? Together(features) : features,
                    data,
                    training,
                    folds,
                    default,
                    null,
                    before,
                    triesClosedForm
                )
        );
        int[] labels = data.LabelsOf(test);
        foreach (TriedFeatures tried in trial.Candidates)
        {
            ValidationScore score = ValidationScore.Of(
                ProbeFits.Logits(tried.Probe.Layer, tried.Extraction, test),
                labels
            );
            yield return (tried.Name, score.Accuracy, score.Loss);
            foreach (TriedHead head in tried.Probe.Heads.Where(head => head.Form is not null))
            {
                ProbeResult other = ProbeFits.Refit(
                    tried.Probe with
                    {
                        ClosedForm = head.Form,
                    },
                    tried.Extraction with
                    {
                        Cache = null,
                    },
                    data,
                    training,
                    default
                );
                ValidationScore own = ValidationScore.Of(ProbeFits.Logits(other.Layer, tried.Extraction, test), labels);
                yield return ($"{tried.Name}, {head.Name}", own.Accuracy, own.Loss);
            }

            if (tried == trial.Winner)
            {
                yield return (Chosen, score.Accuracy, score.Loss);
            }
        }
    }

    // As before: one standardisation over all columns.
    private static FeatureView Together(FeatureView features) =>
        features with
        {
            Columns = features.Columns with { Groups = [features.FeatureCount] },
        };
}
