using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Run;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Bench;

/// <summary>
/// Compares novelty scores: which distance recognises images of a kind that a classifier was not trained for? Prints
/// the area under the ROC curve against the classifier's test images, and the effect of a threshold that accepts 99 %
/// of the training images (leave-one-out). Features: pooled ones of the body and of the default cut, and those of a
/// trained model.
/// </summary>
internal static class FamiliarBench
{
    /// <param name="sets">The known set, then the unfamiliar ones.</param>
    /// <param name="settings">"half=1": every second class of the known set counts as unfamiliar. "model=FILE": also
    /// uses the features of this model.</param>
    public static void Run(IReadOnlyList<string> sets, Settings settings)
    {
        TrainingOptions options = new();
        TorchSetup.UseThreads(0);
        Silence<TrainingEvent> silence = new();
        using ActivationCache? cache = ActivationCache.Open(options.Cache, TimeProvider.System, _ => { });
        TrainingData[] data =
        [
            .. sets.Select(set =>
                TrainingData.Read(
                    set,
                    DataPlan.Of(options),
                    silence,
                    default,
                    InspectionCache.In(cache, options.Limits.Image)
                )
            ),
        ];
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        CutPoint cut = CutSelector.Choose(CutPoints.Find(body.Model, body.InputShape), null);
        OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Boundary, Pooling.Average);
        OnnxModel atCut = Subgraph.Prefix(body.Model, cut.Edge);
        atCut.Graph.Node.Add(
            new NodeProto
            {
                OpType = "GlobalAveragePool",
                Input = { cut.Edge },
                Output = { "cut.map" },
            }
        );
        atCut.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { "cut.map" },
                Output = { "cut.pooled" },
            }.WithAttribute("axis", 1)
        );
        List<(string Name, byte[] File, string Edge)> sources =
        [
            (
                "body",
                Normalisation.Prepend(Subgraph.Prefix(pooled, HeadBuilder.Features), body.Preprocessing).ToBytes(),
                HeadBuilder.Features
            ),
            (
                "cut " + cut.Edge,
                Normalisation.Prepend(Subgraph.Prefix(atCut, "cut.pooled"), body.Preprocessing).ToBytes(),
                "cut.pooled"
            ),
        ];
        if (settings.Text("model") is string model)
        {
            sources.Add(
                (
                    "trained",
                    Subgraph.Prefix(OnnxModel.Load(model), HeadBuilder.Features).ToBytes(),
                    HeadBuilder.Features
                )
            );
        }

        // every second class of the known set is unfamiliar too, which is the hard case
        bool isHalf = settings.Text("half") is not null;
        HashSet<string> known = [.. data[0].Set.Classes.Where((_, i) => !isHalf || i % 2 == 0)];
        LabelledImage[] training = [.. data[0].Everything.Where(image => known.Contains(image.Label))];
        LabelledImage[] test = [.. data[0].Test.Where(image => known.Contains(image.Label))];
        List<(string Name, IReadOnlyList<LabelledImage> Images)> strange =
        [
            .. sets.Skip(1)
                .Select(
                    (set, i) =>
                        (
                            Path.GetFileNameWithoutExtension(set),
                            (IReadOnlyList<LabelledImage>)[.. data[i + 1].Set.Images]
                        )
                ),
        ];
        if (isHalf)
        {
            strange.Add(("its other classes", [.. data[0].Test.Where(image => !known.Contains(image.Label))]));
        }

        foreach ((string name, byte[] file, string edge) in sources)
        {
            Console.WriteLine($"features: {name}");
            Tensor own = Features(file, edge, training);
            Tensor held = Features(file, edge, test);
            Tensor[] others = [.. strange.Select(one => Features(file, edge, one.Images))];
            foreach (
                (string method, Func<Tensor, bool, Tensor> score) in Methods(
                    own,
                    data[0].LabelsOf(training),
                    [.. training.Select(image => image.Cluster)]
                )
            )
            {
                double[] trained = Values(score(own, true));
                double[] unseen = Values(score(held, false));
                double threshold = trained.Order().ElementAt((int)(0.99 * trained.Length));
                string line = string.Join(
                    "; ",
                    others
                        .Zip(strange, (tensor, one) => (Values(score(tensor, false)), one.Name))
                        .Select(o =>
                            $"{o.Name}: AUROC {Auroc(unseen, o.Item1):0.0000}, "
                            + $"found {ShareAbove(o.Item1, threshold):0.000}"
                        )
                );
                Console.WriteLine($"  {method,-28} false alarms {ShareAbove(unseen, threshold):0.000}; {line}");
            }
        }

        Tensor Features(byte[] file, string edge, IReadOnlyList<LabelledImage> images)
        {
            Preprocessor preprocessor = new(body.Preprocessing, options.Limits.Image);
            long[] shape = [.. OnnxShape(file, edge)];
            return AlignedTensor.Of(
                CachedPredictions.Of(file, edge, shape, "experiments", preprocessor, images, 0, cache),
                [images.Count, .. shape]
            );
        }

        long[] OnnxShape(byte[] file, string edge)
        {
            using OnnxSession session = new(file, "probe", 1);
            return
            [
                session
                    .Run(
                        new float[3 * body.Preprocessing.Height * body.Preprocessing.Width],
                        1,
                        3,
                        body.Preprocessing.Height,
                        body.Preprocessing.Width
                    )[0]
                    .Singles!.LongLength,
            ];
        }
    }

    // Each method returns one distance for each row. The bool is true for the training rows: then a row and its copies
    // are not its own neighbours.
    private static IEnumerable<(string, Func<Tensor, bool, Tensor>)> Methods(
        Tensor own,
        int[] labels,
        string[] clusters
    )
    {
        Tensor mean = own.mean([0L]);
        Tensor std = own.std(0);
        Tensor scale = std.clamp_min(Held(0.2 * std.mean().ReadNumber()));
        Tensor Unit(Tensor x) => x / x.norm(1, keepdim: true);
        Tensor same = Same(clusters);
        (string, Func<Tensor, Tensor>)[] maps =
        [
            ("as they are", Unit),
            ("centred", x => Unit(x - mean)),
            ("standardised", x => Unit((x - mean) / scale)),
        ];
        Tensor few = tensor(
            new CountedRandom(1, RandomPurpose.Folds)
                .Permutation(labels.Length)
                .Take(512)
                .Select(i => (long)i)
                .ToArray()
        );
        foreach ((string name, Func<Tensor, Tensor> map) in maps)
        {
            Tensor bank = map(own);
            yield return ($"nearest, {name}", (x, isOwn) => Neighbours(map(x), bank, isOwn ? same : null, 1));
            yield return ($"fifth nearest, {name}", (x, isOwn) => Neighbours(map(x), bank, isOwn ? same : null, 5));
            yield return ($"nearest of 512, {name}", (x, isOwn) =>
                Neighbours(map(x), bank.index_select(0, few), isOwn ? same.index_select(1, few) : null, 1)
            );
            yield return ($"class centre, {name}", (x, isOwn) => Centres(map(x), bank, labels, isOwn));
        }

        (_, _, Tensor spanned) = linalg.svd(Unit(own), fullMatrices: false);
        foreach (int dimensions in (int[])[64, 128, 256])
        {
            Tensor axes = spanned.narrow(0, 0, Math.Min(dimensions, spanned.shape[0])).t(); // [F,D]
            Tensor bank = Unit(own).mm(axes); // [N,D], lengths a little below 1
            yield return ($"nearest, as they are, {dimensions} axes", (x, isOwn) =>
                Neighbours(Unit(x).mm(axes), bank, isOwn ? same : null, 1)
            );
        }
    }

    // The cosine to the nearest class centre. A training row does not count for the centre of its own class.
    private static Tensor Centres(Tensor x, Tensor bank, int[] labels, bool isOwn)
    {
        int[] classes = [.. labels.Distinct().Order()];
        Tensor cosines = stack([
            .. classes.Select(c =>
            {
                long[] members = [.. labels.Index().Where(l => l.Item == c).Select(l => (long)l.Index)];
                Tensor sum = bank.index_select(0, tensor(members)).sum(0, keepdim: true); // [1,F]
                Tensor toAll = x.mm(sum.t()).squeeze(1) / sum.norm();
                if (!isOwn)
                {
                    return toAll;
                }

                Tensor without = sum - x; // [N,F]
                Tensor toOthers = (x * without).sum(1) / without.norm(1);
                Tensor isMember = zeros(labels.Length).index_fill(0, tensor(members), One).to(ScalarType.Bool);
                return where(isMember, toOthers, toAll);
            }),
        ]); // [C,N]
        return cosines.amax([0L]).neg();
    }

    private static Tensor Neighbours(Tensor x, Tensor bank, Tensor? same, int k)
    {
        Tensor cosine = x.mm(bank.t());
        if (same is not null)
        {
            cosine = cosine.masked_fill(same, Held(-2));
        }

        return cosine.topk(k, 1).values.narrow(1, k - 1, 1).squeeze(1).neg();
    }

    private static Tensor Same(string[] clusters)
    {
        Dictionary<string, long> numbers = clusters
            .Distinct()
            .Select((c, i) => (c, (long)i))
            .ToDictionary(p => p.c, p => p.Item2);
        Tensor ids = tensor(clusters.Select(c => numbers[c]).ToArray());
        return ids.unsqueeze(0) == ids.unsqueeze(1);
    }

    private static double[] Values(Tensor scores) => [.. scores.to(ScalarType.Float64).data<double>()];

    private static double ShareAbove(double[] values, double threshold) =>
        values.Count(value => value > threshold) / (double)values.Length;

    private static double Auroc(double[] known, double[] strange)
    {
        double[] sorted = [.. known.Order()];
        double sum = 0;
        foreach (double value in strange)
        {
            int below = sorted.AsSpan().BinarySearch(value);
            sum += below < 0 ? ~below : below + 0.5;
        }

        return sum / ((double)known.Length * strange.Length);
    }
}
