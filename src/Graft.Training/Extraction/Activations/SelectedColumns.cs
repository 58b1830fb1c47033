using TorchSharp;

namespace Graft.Training.Extraction;

/// <summary>Rows with a choice of columns.</summary>
internal sealed class SelectedColumns(IActivationSource rows, FeatureColumns columns) : IActivationSource
{
    /// <inheritdoc/>
    public torch.Tensor Load(ReadOnlySpan<int> numbers)
    {
        using torch.Tensor all = rows.Load(numbers); // [N,all]
        torch.Tensor[] parts = [.. columns.Ranges.Select(range => all.narrow(1, range.First, range.Count))];
        torch.Tensor used = torch.cat(parts, 1); // [N,F]
        Array.ForEach(parts, part => part.Dispose());
        return used;
    }
}
