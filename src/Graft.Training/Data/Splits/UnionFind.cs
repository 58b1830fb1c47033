namespace Graft.Training.Data;

/// <summary>Disjoint sets of the numbers 0 to count - 1. The root of a set is its smallest member.</summary>
internal sealed class UnionFind(int count)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, count)];

    public int Root(int member)
    {
        while (_parents[member] != member)
        {
            member = _parents[member] = _parents[_parents[member]];
        }

        return member;
    }

    public void Join(int first, int second)
    {
        (int a, int b) = (Root(first), Root(second));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
    }
}
