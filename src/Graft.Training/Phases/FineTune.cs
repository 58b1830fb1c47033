using Graft.Data;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Export;
using Graft.Training.Features;
using Graft.Training.Heads;
using Graft.Training.Runs;

namespace Graft.Training.Phases;

/// <summary>The second kind of transfer learning: a new head, warmed up with the body frozen, then body layers trained with a small rate.</summary>
internal sealed class FineTune(
    TrainableBody body, CutPoint? cut, Extraction extraction, TrainingData data, Judges judges, TrainingOptions options, IProgress<TrainingEvent> progress, PhaseClock clock,
    CheckpointFolder? checkpoints = null, TimeBudget? budget = null)
{
    private readonly TimeBudget _budget = budget ?? new(null, () => 0);
    private const string Name = "fine-tuned";
    private const string WarmUpName = "warm up";
    private const int WarmUpEpochs = 25;
    private const int ImagesToSee = 7000;
    private const int FewestEpochs = 4;
    private const int MostEpochs = 20;
    private const double SameLoss = 1.05;

    /// <summary>True where the options leave something to train beyond the probe.</summary>
    public static bool IsAsked(TrainingOptions options) => options.FineTune.Epochs != 0 || WarmUpEpochsOf(options) > 0;

    /// <summary>Where the trained part begins; null where the head alone is trained.</summary>
    /// <param name="cuts">Of the body, input first.</param>
    public static CutPoint? CutFor(IReadOnlyList<CutPoint> cuts, TrainingOptions options)
    {
        CutPoint cut = CutChoice.Choose(cuts, options.Train);
        return options.FineTune.Epochs == 0 || cut.ParametersAfter == 0 ? null : cut;
    }

    /// <summary>
    /// Trains on the training images and judges on the validation images. Where these were drawn, and the result beats the probe, it trains once
    /// more on all of them, for as many epochs as were best. Where the validation images are too few, cross-validation judges.
    /// </summary>
    /// <returns>Null where it was cancelled, or the time budget used up, before there was anything to judge.</returns>
    /// <param name="probes">What it starts from, and what it has to beat.</param>
    public Candidate? Run(Probes probes, CancellationToken cancel)
    {
        if (_budget.IsSpent)
        {
            return null;
        }

        if (judges.Folds is not null)
        {
            return RunFolds(probes, cancel);
        }

        ProbeCandidate probe = probes.Plain;
        OnnxModel network = NetworkFactory.WithHead(body, options.Head, probe.Judged, options.Seed);
        (List<PhasePlan> plans, PhaseOutcome outcome, float[] logits) = Train(network, Plans(), data.Train, data.Validation, cancel, data.HasOwnValidation ? 1 : data.Train.Count / (double)(data.Train.Count + data.Everything.Count));
        Candidate tuned = Candidate.Of(Name, network, logits, judges.Labels, outcome.Reason);
        ProposeSimplerHead(tuned, probes.Best);
        OnnxModel judgedProbe = NetworkFactory.WithProbe(body, options.Head.TrainedPooling, probe.Judged);
        Candidate judged = OnTheLine(tuned, probe, (at, temperatures) =>
        {
            (OnnxModel mixed, float[] answers) = Between(at, judgedProbe, network, temperatures, data.Validation);
            return tuned with { Network = mixed, Score = Candidate.Judge(answers, judges.Labels), Logits = answers, HeldOutLogits = answers };
        });
        if (judged.IsBetterThan(probes.Best) && !cancel.IsCancellationRequested)
        {
            judged = judged with { HeldOutDistances = Distances(judged.Network, data.Train, data.Validation) };
        }

        if (data.HasOwnValidation || !judged.IsBetterThan(probes.Best) || cancel.IsCancellationRequested)
        {
            return judged;
        }

        progress.Report(new Notice($"Fine-tuning is better than the probe ({judged.Summary}): once more with the validation images as training images."));
        OnnxModel all = NetworkFactory.WithHead(body, options.Head, probe.Shipped, options.Seed);
        bool isCut = Train(all, plans, data.Everything, [], cancel).Outcome.IsOutOfTime;
        if (isCut)
        {
            progress.Report(new Notice($"It did not come to its end, because {_budget.Reason}: what was judged is shipped, which the validation images did not train."));
        }

        return cancel.IsCancellationRequested || isCut ? judged : judged with { Network = AtShare(judged.Share, probe, tuned, all) };
    }

    // No epoch is chosen by the fold held out, which would flatter fine-tuning: each fold ends as the last training will.
    private Candidate? RunFolds(Probes probes, CancellationToken cancel)
    {
        ProbeCandidate probe = probes.Plain;
        List<PhasePlan> plans = [.. Plans().Select(plan => plan with { StopAfter = plan.Epochs, JudgesEpochs = false })];
        List<float[]> logits = [];
        List<OnnxModel> networks = [];
        for (int fold = 0; fold < judges.FoldCount; fold++)
        {
            OnnxModel network = NetworkFactory.WithHead(body, options.Head, probe.Shipped, options.Seed);
            (IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> heldOut) = judges.Part(fold);
            double work = training.Count / (double)(((judges.FoldCount - fold) * training.Count) + judges.All.Count);   // of the folds to come and the last training
            (List<PhasePlan> done, PhaseOutcome outcome, float[] answers) = Train(network, plans, training, heldOut, cancel, work);
            logits.Add(answers);
            networks.Add(network);
            if (cancel.IsCancellationRequested || outcome.IsOutOfTime)
            {
                return null;
            }

            plans = [.. plans.Zip(done, (plan, found) => plan with { Epochs = found.Epochs, StopAfter = found.Epochs, Optimizer = found.Optimizer, HeadRate = found.HeadRate })];   // what one fold has found to learn by, the others need not find
        }

        OnnxModel all = NetworkFactory.WithHead(body, options.Head, probe.Shipped, options.Seed);
        Candidate tuned = Candidate.Of(Name, all, judges.Join(logits, data.ClassCount), judges.Labels, $"{plans[^1].Epochs} epochs are done");
        ProposeSimplerHead(tuned, probes.Best);
        OnnxModel[] starts = IsLine ? [.. networks.Select((_, fold) => NetworkFactory.WithProbe(body, options.Head.TrainedPooling, ProbePhase.Refit(probe.Shipped, extraction, data, judges.Part(fold).Training, cancel)))] : [];
        Candidate judged = OnTheLine(tuned, probe, (at, temperatures) =>
        {
            float[] answers = judges.Join([.. networks.Select((network, fold) => Between(at, starts[fold], network, temperatures, judges.Part(fold).HeldOut).Logits)], data.ClassCount);
            return tuned with { Score = Candidate.Judge(answers, judges.Labels), Logits = answers, HeldOutLogits = answers };
        });
        bool isBetter = judged.IsBetterThan(probes.Best);
        if (isBetter)
        {
            progress.Report(new Notice($"Fine-tuning is better than the probe ({judged.Summary}): once more on all images."));
            (double, double) temperatures = (probe.OwnTemperature, tuned.OwnTemperature);
            IEnumerable<OnnxModel> shipped = judged.Share == 1 ? networks : networks.Select((network, fold) => Between(judged.Share, starts[fold], network, temperatures, []).Network);
            judged = judged with { HeldOutDistances = [.. shipped.SelectMany((network, fold) => Distances(network, judges.Part(fold).Training, judges.Part(fold).HeldOut))] };
            if (Train(all, plans, judges.All, [], cancel).Outcome.IsOutOfTime)
            {
                return null;
            }
        }

        return cancel.IsCancellationRequested ? null : isBetter ? judged with { Network = AtShare(judged.Share, probe, tuned, all) } : judged;
    }

    private bool IsLine => cut is not null && WeightLine.Exists(options.Head);

    // Fine-tuning's candidate, or the better one on the way to it from the probe.
    private Candidate OnTheLine(Candidate tuned, ProbeCandidate probe, Func<double, (double Probe, double Tuned), Candidate> at)
    {
        if (!IsLine)
        {
            return tuned;
        }

        (double, double) temperatures = (probe.OwnTemperature, tuned.OwnTemperature);
        List<Candidate> tried = [tuned, .. WeightLine.Shares.Select(share => at(share, temperatures) with { Share = share })];
        Candidate best = tried.Aggregate((one, other) => other.IsBetterThan(one) ? other : one);
        TrialTable table = new(
            "how far from the probe's weights to the trained ones",
            [.. tried.Select(t => new Trial($"{t.Share:P0}", t.Score.Accuracy, t.Score.Loss, ReferenceEquals(t, best)))],
            $"the accuracy where it differs by more than its standard error, else the calibrated loss, of {judges.Labels.Length} images");
        progress.Report(table.Event);
        return best with { Trials = [.. best.Trials, table] };
    }

    private (OnnxModel Network, float[] Logits) Between(double share, OnnxModel start, OnnxModel tuned, (double, double) temperatures, IReadOnlyList<LabelledImage> images) =>
        new WeightLine(cut!.Edge, body.InputShape).At(share, start, tuned, temperatures, extraction.Rows(extraction.Cut!, data, images), options.FineTune.Batch);

    // What was trained on all images, at the share that was judged best.
    private OnnxModel AtShare(double share, ProbeCandidate probe, Candidate tuned, OnnxModel all) =>
        share == 1 ? all : Between(share, probe.Network, all, (probe.OwnTemperature, tuned.OwnTemperature), []).Network;

    // How far images lie from what a network was trained on that did not see them.
    private double[] Distances(OnnxModel network, IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> heldOut)
    {
        float[] Features(IReadOnlyList<LabelledImage> images) => FamiliarFeatures.Of(network, body, cut, extraction, data, options.Head.Pooling, images);
        return heldOut.Count == 0 ? [] : Familiarity.Of(Features(training), data.LabelsOf(training), data.ClassCount).Distances(Features(heldOut));
    }

    // A big head on few images is hard to start and easy to overfit; the probe is the same network with one linear layer.
    private void ProposeSimplerHead(Candidate judged, ProbeCandidate probe)
    {
        if (options.Head.Layers.Count > 0 && !judged.IsBetterThan(probe))
        {
            string widths = string.Join('-', options.Head.Layers);
            progress.Report(new Notice($"A simpler head does better: one linear layer (the probe) reaches {probe.Summary}, {widths} units reach {judged.Summary}, on the same {judges.Labels.Length} images; --head linear."));
        }
    }

    private List<PhasePlan> Plans()
    {
        List<PhasePlan> plans = [];
        if (WarmUpEpochsOf(options) > 0)
        {
            plans.Add(WarmUpPlan());
        }

        if (cut is not null)
        {
            plans.Add(FineTunePlan());
        }

        return plans;
    }

    // share: of the time budget that is left. Runs the phases; gives their plans back with what was best, for training without validation images.
    private (List<PhasePlan> Plans, PhaseOutcome Outcome, float[] Logits) Train(
        OnnxModel network, List<PhasePlan> plans, IReadOnlyList<LabelledImage> training, IReadOnlyList<LabelledImage> validation, CancellationToken cancel, double share = 1)
    {
        TimeBudget budget = _budget.Share(share);
        (PhaseOutcome Outcome, float[] Logits)? last = null;
        List<PhasePlan> repeated = [];
        foreach (PhasePlan plan in plans.Where(_ => !cancel.IsCancellationRequested || last is null))
        {
            bool isWarmUp = plan.Name == WarmUpName;
            string edge = isWarmUp ? HeadBuilder.Features : cut!.Edge;
            IRowSource source = isWarmUp ? extraction.FeatureRows : extraction.Cut!;
            string detail = $"{plan.Epochs} epochs of {training.Count} images in {(extraction.FreshViews > 0 ? "a new view each" : $"{extraction.Views} views")} by {plan.Optimizer}, " + (isWarmUp ? "the body frozen" : $"from '{edge}' on ({cut!.ShareAfter:P0} of the body's cost)");
            TimeBudget own = ReferenceEquals(plan, plans[^1]) ? budget : budget.Share(0.5);   // warming up leaves time for what it is for
            LabelledRows rows = extraction.Rows(source, data, training);
            LabelledRows judges = extraction.Rows(source, data, validation);
            (PhaseOutcome Outcome, float[] Logits) done = clock.Run(plan.Name, detail, () => Learner.Run(network, edge, body.InputShape, plan, rows, judges, progress, cancel, checkpoints, own), Describe);
            repeated.Add(plan with { Epochs = done.Outcome.Epochs ?? plan.Epochs, Optimizer = done.Outcome.Optimizer, HeadRate = done.Outcome.HeadRate * done.Outcome.Scale, BodyRate = plan.BodyRate * done.Outcome.Scale, StopAfter = done.Outcome.Last.Loss <= SameLoss * done.Outcome.Best.Loss ? done.Outcome.LastEpoch : done.Outcome.BestEpoch, EndsWithAverage = done.Outcome.BestIsAverage });
            last = done;
        }

        return (repeated, last!.Value.Outcome, last.Value.Logits);
    }

    private static int WarmUpEpochsOf(TrainingOptions options) =>
        options.WarmUp.Epochs ?? (options.Head.Start == HeadStart.Random || options.Head.Layers.Count > 0 || options.FineTune.Epochs == 0 ? WarmUpEpochs : 0);

    private static int EpochsOf(FineTuneOptions fineTune, int imageCount) => fineTune.Epochs ?? Math.Clamp(ImagesToSee / Math.Max(1, imageCount), FewestEpochs, MostEpochs);

    /// <summary>Epochs of the longest phase; where the head is yet to be searched, of one with a hidden layer.</summary>
    public static int MostEpochsOf(TrainingOptions options, int imageCount) =>
        Math.Max(options.Head.IsSearched ? options.WarmUp.Epochs ?? WarmUpEpochs : WarmUpEpochsOf(options), EpochsOf(options.FineTune, imageCount));

    private static string Describe((PhaseOutcome Outcome, float[] Logits) result) =>
        (result.Logits.Length == 0 || result.Outcome.Last == result.Outcome.Start ? "" : $"validation accuracy {result.Outcome.Start.Accuracy:P1} before, {result.Outcome.Best.Accuracy:P1} after (epoch {result.Outcome.BestEpoch}); ") + result.Outcome.Reason;

    private PhasePlan WarmUpPlan()
    {
        double rate = options.WarmUp.Rate ?? TailOptimizer.DefaultRate(options.WarmUp.Optimizer, extraction.FeatureCount);
        return new()
        {
            Name = WarmUpName,
            MayDiverge = true,
            LabelSmoothing = options.FineTune.LabelSmoothing,   // as in fine-tuning: smoothed labels punish the sure head that others leave behind, and tear the body
            Epochs = WarmUpEpochsOf(options),
            Optimizer = options.WarmUp.Optimizer,
            HeadRate = rate,
            BodyRate = rate,
            Batch = options.WarmUp.Batch,
            WeightDecay = options.WarmUp.WeightDecay,
            Seed = options.Seed,
            MaxSetbacks = options.FineTune.MaxSetbacks,
            TargetAccuracy = options.TargetAccuracy,
            GuessingLoss = Attempt.Guessing(data.LabelsOf(data.Everything), data.ClassCount, options.FineTune.LabelSmoothing, data.Balance),
            FeatureCount = extraction.FeatureCount,
        };
    }

    private PhasePlan FineTunePlan()
    {
        double rate = options.FineTune.BodyRate ?? (options.FineTune.Optimizer == OptimizerKind.Sgd ? 0.01 : 0.0003);
        return new()
        {
            Name = "fine-tune",
            ComputeType = options.Engine == Engine.Torch ? TorchSharp.torch.ScalarType.BFloat16 : TorchSharp.torch.ScalarType.Float32,
            Epochs = EpochsOf(options.FineTune, data.Train.Count),
            Optimizer = options.FineTune.Optimizer,
            HeadRate = options.FineTune.HeadRate ?? rate,
            BodyRate = options.FineTune.BodyRate ?? (rate / (1 + (options.FineTune.CoTuning ?? 0))),   // two losses pull at the body: a step as long as one alone would make
            Batch = options.FineTune.Batch,
            WeightDecay = options.FineTune.WeightDecay,
            Seed = options.Seed,
            LayerDecay = options.FineTune.LayerDecay,
            LabelSmoothing = options.Head.Start == HeadStart.Probe ? 0 : options.FineTune.LabelSmoothing,   // the probe's solution is a sure head
            RampShare = options.FineTune.RampShare,
            AverageDecay = options.FineTune.AverageDecay,
            Patience = options.FineTune.Patience,
            MaxSetbacks = options.FineTune.MaxSetbacks,
            TargetAccuracy = options.TargetAccuracy,
            CoTuning = CoTuning.Of(body, options),
        };
    }
}
