using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Extraction;

/// <summary>The stores that one extraction fills, one for each output of its prefix.</summary>
/// <param name="Features">The body's output as vectors, float32.</param>
/// <param name="Cuts">The activations at the cuts, by edge.</param>
/// <param name="Flat">The last map value by value, plain views only; null where heads do not flatten it.</param>
internal sealed record ActivationStores(
    ActivationStore Features,
    IReadOnlyDictionary<string, ActivationStore> Cuts,
    ActivationStore? Flat
)
{
    /// <summary>Makes the stores, which compute missing rows by <paramref name="extractor"/>.</summary>
    public static ActivationStores Of(
        TrainableBody body,
        ExtractionPlan plan,
        FrozenPrefix prefix,
        ViewIndex index,
        ViewExtractor extractor,
        Engine engine,
        ActivationCache? cache
    )
    {
        byte[] file = prefix.Network.ToBytes();
        Preprocessor preprocessor = extractor.Preprocessor;
        string machine = plan.Machine ?? EngineSelection.Fingerprint(engine);
        int output = 0;
        ActivationStore Next(
            string edge,
            IReadOnlyList<long> shape,
            ActivationFormat format,
            int parts = 1,
            int keptViews = int.MaxValue
        ) =>
            new(
                shape,
                format,
                index,
                CacheKey.OfStream(machine, preprocessor, file, edge, format),
                new(body.Card.Name, edge, $"{string.Join(" x ", shape)}, {format}"),
                plan.Seed,
                extractor.RowsOf(output++),
                cache,
                ActivationStore.MemoryBudget / parts,
                keptViews
            )
            {
                DecodedType = plan.DecodedType,
            };

        ActivationStore features = Next(HeadBuilder.Features, [prefix.FeatureCount], ActivationFormat.Single);
        Dictionary<string, ActivationStore> cuts = [];
        foreach (CutPoint cut in plan.Cuts)
        {
            cuts.Add(cut.Edge, Next(cut.Edge, cut.Shape, plan.Format, parts: plan.Cuts.Count));
        }

        ActivationStore? flat = prefix.FlatLength is int length
            ? Next(body.Boundary.Edge, [length], ActivationFormat.Single, keptViews: 1)
            : null;
        return new(features, cuts, flat);
    }

    /// <summary>All stores, in the order of the prefix's outputs.</summary>
    public IReadOnlyList<ActivationStore> InOrder(IReadOnlyList<CutPoint> cuts) =>
        [Features, .. cuts.Select(cut => Cuts[cut.Edge]), .. Flat is null ? [] : (ActivationStore[])[Flat]];
}
