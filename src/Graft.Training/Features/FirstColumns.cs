using TorchSharp;

namespace Graft.Training.Features;

/// <summary>The first columns of rows of features.</summary>
internal sealed class FirstColumns(IRowSource rows, int count) : IRowSource
{
    /// <inheritdoc/>
    public torch.Tensor Load(ReadOnlySpan<int> numbers)
    {
        using torch.Tensor all = rows.Load(numbers);
        return all.narrow(1, 0, count).contiguous();
    }
}
