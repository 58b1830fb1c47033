using System.Globalization;
using Graft.Infrastructure;
using Graft.Training.Bodies;

namespace Graft.Training.Extraction;

/// <summary>Reads a trained part of joined bodies, such as lite2:0.3 or lite2/blocks.5.</summary>
internal static class BranchPart
{
    /// <summary>The part within the main branch. A share is that of the branch's work.</summary>
    /// <exception cref="GraftException">The text names another branch.</exception>
    public static TrainedPart? Of(TrainableBody body, TrainedPart? part)
    {
        if (part?.Edge is not string text || text.LastIndexOf(':') is var at && at < 0)
        {
            return part;
        }

        string main = GraphJoin.BranchOf(body.Boundary.Edge);
        bool isShare = double.TryParse(text[(at + 1)..], CultureInfo.InvariantCulture, out double share);
        return !isShare || share is < 0 or > 1 ? part
            : text[..at] == main ? TrainedPart.LastShare(share)
            : throw new GraftException(
                $"'{Printable.Text(text)}' cannot be trained: '{Printable.Text(body.Card.Name)}' has no branch of that "
                    + $"name; write {main}:{share.ToString(CultureInfo.InvariantCulture)}"
            );
    }
}
