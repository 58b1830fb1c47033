using Graft.Training.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Decides by cross-validation whether the head gets a hidden layer. All hidden heads are trained shortly on one fold;
/// the best go through all folds. The winner must beat the linear head, which is the probe, by more than a standard
/// error, with random views as further rows where there are some.
/// </summary>
/// <param name="plain">Features of the plain views.</param>
/// <param name="seed">Seed of the run.</param>
/// <param name="cancel">Ends the search.</param>
internal sealed class HeadSearch(HeadTrainingSet plain, long seed, CancellationToken cancel)
{
    private const int ImagesAtFirst = 1_500;
    private const int ImagesInAll = 6_000;
    private const double Decay = 1e-4;
    private const double StrongDecay = 1e-2;
    private static readonly int[] s_widths = [64, 256];

    /// <param name="linear">Out-of-fold score of the linear head on the same images.</param>
    /// <param name="withViews">The same images with their views as further rows, and the linear head's score with
    /// these. Null: there are no views.</param>
    /// <param name="dropouts">Dropouts to try.</param>
    public HeadSearchResult Run(
        OutOfFoldScore linear,
        Func<(HeadTrainingSet Rows, OutOfFoldScore Linear)>? withViews,
        double[] dropouts
    )
    {
        using DisposeScope scope = NewDisposeScope();
        HiddenHead[] heads =
        [
            .. from width in s_widths
            from dropout in dropouts
            from each in (bool[])[false, true]
            select new HiddenHead(width, dropout, Decay, each),
        ];
        OutOfFoldScore[] first = Judge(plain, heads, folds: 1, ImagesAtFirst);
        HiddenHead[] best = [.. heads.Zip(first).OrderBy(pair => pair.Second.Loss).Take(2).Select(pair => pair.First)];

        HiddenHead[] finalists = [best[0], best[0] with { WeightDecay = StrongDecay }, .. best[1..]];
        OutOfFoldScore[] scores = Judge(plain, finalists, plain.FoldCount, ImagesInAll);
        (HiddenHead winner, OutOfFoldScore score) = finalists.Zip(scores).MinBy(pair => pair.Second.Loss);
        List<(string Name, OutOfFoldScore Score, HiddenHead? Head)> tried =
        [
            ("linear", linear, null),
            .. finalists.Zip(scores, (head, own) => (head.Name, own, head)),
        ];
        OutOfFoldScore before = linear;
        if (withViews is not null && score.IsAsGoodAs(linear))
        {
            (HeadTrainingSet rows, before) = withViews();
            score = Judge(rows, [winner], rows.FoldCount, ImagesInAll)[0];
            tried.AddRange([
                ($"linear, {rows.Views} views", before, null),
                ($"{winner.Name}, {rows.Views} views", score, winner),
            ]);
        }

        HiddenHead? chosen = before.IsAsGoodAs(score) ? null : winner;
        int last = tried.FindLastIndex(one => one.Head == chosen);
        TrialTable atLast = new(
            "which head is trained",
            [.. tried.Select((one, i) => new Trial(one.Name, one.Score.Accuracy, one.Score.Loss, i == last))],
            $"the out-of-fold loss of {linear.Count} images; a hidden layer must win by more than a standard error"
        );
        return new(chosen, [FirstTable(heads, first, best), atLast]);
    }

    private static TrialTable FirstTable(HiddenHead[] heads, OutOfFoldScore[] scores, HiddenHead[] best) =>
        new(
            "which hidden layers go through all folds",
            [
                .. heads.Zip(scores, (head, score) =>
                    new Trial(head.Name, score.Accuracy, score.Loss, best.Contains(head))
                ),
            ],
            $"the loss of the {scores[0].Count} images of one fold, after a short training"
        );

    /// <summary>
    /// Out-of-fold scores of the heads over the first folds. Trainings run in parallel; the bits of one do not depend
    /// on the others.
    /// </summary>
    private OutOfFoldScore[] Judge(HeadTrainingSet rows, HiddenHead[] heads, int folds, int imagesToSee)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<bool, Tensor> inputs = heads
            .Select(head => head.ScalesEach)
            .Distinct()
            .ToDictionary(each => each, rows.Standardised);
        double[][] logits =
        [
            .. heads.Select(_ => Enumerable.Repeat(double.NaN, rows.Labels.Count * rows.ClassCount).ToArray()),
        ];
        using WorkerThreads workers = new(heads.Length * folds);
        workers.Run(heads.Length * folds, task =>
        {
            (int number, int fold) = (task / folds, task % folds);
            int[] heldOut = [.. Enumerable.Range(0, rows.Folds.Length).Where(image => rows.Folds[image] == fold)];
            int[] training = [.. Enumerable.Range(0, rows.Folds.Length).Where(image => rows.Folds[image] != fold)];
            double[] found = new HiddenHeadTraining(rows, inputs[heads[number].ScalesEach], seed).Logits(
                heads[number],
                training,
                heldOut,
                imagesToSee,
                cancel
            );
            for (int i = 0; i < heldOut.Length; i++)
            {
                found
                    .AsSpan(i * rows.ClassCount, rows.ClassCount)
                    .CopyTo(logits[number].AsSpan(heldOut[i] * rows.ClassCount));
            }
        });
        return [.. logits.Select(own => OutOfFoldScore.Of(own, rows.Labels, views: 1))];
    }
}
