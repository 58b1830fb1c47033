namespace Graft.Architecture.Tests;

/// <summary>The order in which folders may use each other: each only itself and those before it.</summary>
internal sealed class RoomOrder(string project, IReadOnlyList<string> rooms)
{
    /// <summary>
    /// The rooms of Graft.Training in the order of the data. Plans builds the plans of all rooms from the options,
    /// Pipeline joins the rooms; the root,
    /// named "", uses everything.
    /// </summary>
    public static RoomOrder Training { get; } =
        new(
            "src/Graft.Training/",
            [
                "Weights",
                "Options",
                "Run",
                "Metrics",
                "Data",
                "Bodies",
                "Quantization",
                "Extraction",
                "Probe",
                "FineTuning",
                "Doctor",
                "Release",
                "Plans",
                "Pipeline",
                "",
            ]
        );

    /// <summary>Every reference that points back, as "file -> file (type)".</summary>
    public IReadOnlyList<string> BackArrows(CompiledTypes types) =>
        [
            .. types
                .Edges.Select(edge => (From: types.FileOf(edge.From), To: types.FileOf(edge.To), edge))
                .Where(one => one.From is not null && one.To is not null && Place(one.To) > Place(one.From))
                .Select(one => $"{one.From} -> {one.To} ({one.edge.To})")
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Pairs of rooms that use each other, as "A and B".</summary>
    public IReadOnlyList<string> TwoWayPairs(CompiledTypes types)
    {
        HashSet<(string From, string To)> uses =
        [
            .. types
                .Edges.Select(edge => (From: types.FileOf(edge.From), To: types.FileOf(edge.To)))
                .Where(one => IsHere(one.From) && IsHere(one.To))
                .Select(one => (RoomOf(one.From!), RoomOf(one.To!))),
        ];
        return
        [
            .. uses.Where(use => string.CompareOrdinal(use.From, use.To) < 0 && uses.Contains((use.To, use.From)))
                .Select(use => $"{use.From} and {use.To}"),
        ];
    }

    /// <summary>Folders directly under the project that hold code and are not in the order.</summary>
    public IReadOnlyList<string> UnknownRooms(IEnumerable<string> files) =>
        [.. files.Where(IsHere).Select(RoomOf).Distinct().Except(rooms)];

    private bool IsHere(string? file) =>
        file is not null
        && file.StartsWith(project, StringComparison.Ordinal)
        && file.EndsWith(".cs", StringComparison.Ordinal);

    // Files of other projects stand before all rooms: the compiler keeps that direction.
    private int Place(string file) => IsHere(file) ? rooms.ToList().IndexOf(RoomOf(file)) : -1;

    private string RoomOf(string file)
    {
        string inside = file[project.Length..];
        int slash = inside.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : inside[..slash];
    }
}
