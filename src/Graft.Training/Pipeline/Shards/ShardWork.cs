using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// The share of one process. It looks at its images, helps with the looks of the others that are missing, and runs the
/// frozen layers on its units. Every unit is published whole or not at all, so any number of processes may do the same
/// share at once.
/// </summary>
/// <param name="folder">The folder of the store.</param>
/// <param name="set">All images.</param>
/// <param name="options">Valid options.</param>
/// <param name="context">Clock, listener and threads.</param>
internal sealed class ShardWork(string folder, ImageSet set, ShardOptions options, PreparationContext context)
{
    private readonly StoreFolder _store = new(folder);
    private readonly Shard _shard = options.Shard;
    private int _made;

    /// <summary>Does the share.</summary>
    /// <exception cref="GraftException">The images, the body or the store cannot be used.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public ShardResult Run(CancellationToken cancel)
    {
        TrainingOptions asked = options.Training;
        PreparedBody body = PreparedBody.Load(asked, asked.Cache);
        StoreHeader header = Begin();
        Look(header, cancel);
        StorePlan plan = Plan(header, body, cancel);
        StoreUnit[] own = [.. StoreUnit.All(StoreUnit.Rows, header).Where(IsOwn)];
        Extract(own, plan, body, cancel);
        return new(_shard, own.Length, _made, header.UnitCount);
    }

    private StoreHeader Begin()
    {
        _store.Create();
        TrainingOptions kept = options.Training with { Threads = 0 };
        StoreHeader own = new(
            StoreHeader.CurrentVersion,
            FingerprintOf(set),
            set.Images.Length,
            options.UnitImagesFor(set.Images.Length),
            kept
        );
        _store.Write(own);
        StoreHeader there = _store.ReadHeader()!;
        RejectedImage? unread = set.Rejected.FirstOrDefault(image => image.Fault == ImageFault.Unreadable);
        return there.Version != own.Version
                ? throw new StoreException(folder, "another version of Graft wrote it; name another folder")
            : there.Images != own.Images && unread is not null
                ? throw new StoreException(unread.Path, unread.Reason) { IsPassing = true }
            : there.Images != own.Images
                ? throw new StoreException(folder, "it holds shards of other images; name another folder")
            : there.UnitImages != own.UnitImages
                ? throw new StoreException(folder, $"its units have {there.UnitImages:N0} images; give that number")
                {
                    Option = nameof(ShardOptions.UnitImages),
                }
            : !OptionsOf(there).SequenceEqual(OptionsOf(own))
                ? throw new StoreException(
                    folder,
                    "it holds shards of other options; give the same options, or name another folder"
                )
            : there;
    }

    private void Look(StoreHeader header, CancellationToken cancel) =>
        context.Clock.Run(
            PhaseNames.Reading,
            $"{set.Source}, shard {_shard}",
            () =>
            {
                StoreUnits units = new(_store, plan: null);
                StoreUnit[] all = [.. StoreUnit.All(StoreUnit.Looks, header)];
                // the last units of others first: whoever owns them begins with the first
                StoreUnit[] inTurn = [.. all.Where(IsOwn), .. all.Where(unit => !IsOwn(unit)).Reverse()];
                return Make(PhaseNames.Reading, inTurn, units, machine: null, MakeLooks, cancel);
            },
            made => $"{made} of {header.UnitCount} units made here"
        );

    private void MakeLooks(IReadOnlyList<LabelledImage> images, ActivationCache kept, CancellationToken cancel)
    {
        Limits limits = options.Training.Limits;
        RequireReadable(
            Inspection.Keep(
                images,
                limits.Image,
                options.Training.ExtractionThreads,
                InspectionCache.In(kept, limits.Image)!,
                cancel
            )
        );
    }

    private StorePlan Plan(StoreHeader header, PreparedBody body, CancellationToken cancel)
    {
        if (_store.ReadPlan() is null)
        {
            TrainingOptions planned = Resolved(EngineSelection.Of(options.Training.Engine, body.Body.Model, Cache));
            _store.Write(ShardPlanner.Make(_store, header, body, set, planned, context, cancel));
        }

        StorePlan plan = _store.ReadPlan()!;
        return plan.Store == _store.Id && plan.Parts.Length == set.Images.Length
            ? plan
            : throw new StoreException(folder, "its plan.json belongs to another store; name another folder");
    }

    private CacheOptions Cache => options.Training.Cache;

    private TrainingOptions Resolved(Engine engine) => EffortPlan.Resolve(options.Training) with { Engine = engine };

    private void Extract(StoreUnit[] own, StorePlan plan, PreparedBody prepared, CancellationToken cancel)
    {
        bool isHere = EngineSelection.IsHere(plan.Machine);
        if (!isHere && !options.MixedMachines)
        {
            throw new StoreException(
                folder,
                $"its features are computed by {Printable.Text(plan.Machine)}, and this machine would compute other "
                    + "bits; use machines of one kind, or allow mixed machines"
            )
            {
                Option = nameof(ShardOptions.MixedMachines),
            };
        }

        TrainingOptions resolved = Resolved(plan.Engine) with { Views = plan.Views };
        CutPoint? cut = prepared.CutFor(resolved, out _);
        CutPoint[] cuts = [.. plan.Cuts.Select(edge => CutOf(prepared, edge))];
        TrainableBody body = prepared.Branches.WithJoints(
            prepared.WithStages(resolved, cut) with
            {
                Classes = set.Classes,
            },
            cuts
        );
        ExtractionPlan extraction = ExtractionPlans.Of(resolved, body.Model, cuts, plan.Views, plan.TrainCount) with
        {
            FreshViews = 0, // they are not kept
            Machine = isHere ? null : plan.Machine,
        };
        string machine = Require(body, extraction, plan);
        context.Clock.Run(
            PhaseNames.Extraction,
            $"{body.Card.Name} on shard {_shard}",
            () =>
                _made = Make(
                    PhaseNames.Extraction,
                    own,
                    new(_store, _store.PlanId),
                    machine,
                    (images, kept, token) => MakeRows(images, body, extraction, plan.HasOwnValidation, kept, token),
                    cancel
                ),
            made => $"{made} of {own.Length} units made here"
        );
    }

    // The library and instruction set of this machine, once it is certain that the rows have the plan's keys.
    private string Require(TrainableBody body, ExtractionPlan extraction, StorePlan plan)
    {
        using ExtractedFeatures features = ExtractedFeatures.Create(body, extraction, [], false, null);
        if (!features.Streams.SequenceEqual(plan.Streams))
        {
            throw new StoreException(
                folder,
                "its features are those of another network or version of Graft; name another folder"
            );
        }

        return extraction.Machine is null ? plan.Machine : EngineSelection.Fingerprint(features.Engine);
    }

    private static void MakeRows(
        IReadOnlyList<LabelledImage> images,
        TrainableBody body,
        ExtractionPlan extraction,
        bool hasOwnValidation,
        ActivationCache kept,
        CancellationToken cancel
    )
    {
        using ExtractedFeatures features = ExtractedFeatures.Create(body, extraction, images, hasOwnValidation, kept);
        features.Extract(ViewRange.All, TrainingProgress.None, cancel);
        RequireReadable(features.Rejected);
    }

    // Number of units that were not there. Units get their images with their parts as far as these are known.
    private int Make(
        string phase,
        StoreUnit[] inTurn,
        StoreUnits units,
        string? machine,
        Action<IReadOnlyList<LabelledImage>, ActivationCache, CancellationToken> fill,
        CancellationToken cancel
    )
    {
        string? parts = machine is null ? null : _store.ReadPlan()!.Parts;
        int made = 0;
        for (int i = 0; i < inTurn.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            StoreUnit unit = inTurn[i];
            IReadOnlyList<LabelledImage> images = unit.Of(set.Images);
            string hash = StoreUnit.FingerprintOf(images);
            if (!units.IsThere(unit, hash))
            {
                using ActivationCache kept = ActivationCache.OpenTemporary(context.Time, _ => { });
                fill(
                    parts is null ? images : ShardParts.Apply(images, parts.AsSpan(unit.First, unit.Count)),
                    kept,
                    cancel
                );
                units.Write(unit, hash, kept, machine);
                made++;
            }

            context.Progress.Report(new Progressed(phase, i + 1, inTurn.Length, "units", 0, TimeSpan.Zero));
        }

        return made;
    }

    private bool IsOwn(StoreUnit unit) => unit.Number % _shard.Count == _shard.Index;

    private CutPoint CutOf(PreparedBody prepared, string edge) =>
        prepared.Cuts.FirstOrDefault(cut => cut.Edge == edge)
        ?? throw new StoreException(
            folder,
            $"its plan.json names the edge '{Printable.Text(edge)}', which the body lacks; name another folder"
        );

    // An image that was there a moment ago is no damaged one: its rows would be missing without a reason.
    private static void RequireReadable(IReadOnlyList<RejectedImage> rejected)
    {
        if (
            rejected.FirstOrDefault(image => image.Fault is ImageFault.Unreadable or ImageFault.Missing)
            is RejectedImage lost
        )
        {
            throw new StoreException(lost.Path, lost.Reason) { IsPassing = lost.Fault == ImageFault.Unreadable };
        }
    }

    private static byte[] OptionsOf(StoreHeader header) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(header.Options, RunOptionsJson.Instance.TrainingOptions);

    /// <summary>SHA-256 over name, content, part and labels of all images, in their order.</summary>
    public static string FingerprintOf(ImageSet set) =>
        Fingerprint.Of(
            set.Images.SelectMany(image =>
                (string[])[image.Name, image.ContentHash, $"{image.Part}", image.Label, image.Group ?? ""]
            )
        );
}
