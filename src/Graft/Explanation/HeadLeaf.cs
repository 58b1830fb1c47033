namespace Graft.Explanation;

/// <summary>How a head reads a feature map.</summary>
internal enum LeafKind
{
    /// <summary>The average of each channel.</summary>
    Average,

    /// <summary>The largest value of each channel.</summary>
    Largest,

    /// <summary>All values.</summary>
    Flat,
}

/// <summary>A place where a head reads a feature map.</summary>
/// <param name="Map">Edge of the map, [1,C,H,W].</param>
/// <param name="Vector">Edge of the vector that is made of it.</param>
/// <param name="Kind">How it is made.</param>
internal sealed record HeadLeaf(string Map, string Vector, LeafKind Kind);
