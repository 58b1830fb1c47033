using System.Security.Cryptography;
using System.Text;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// Several bodies side by side, each a branch. All see the same crop of the same view in one size, and a head sees the
/// features of all. The main branch is the one of which layers are trained, by default the one with the most weights.
/// </summary>
internal static class JoinedBody
{
    private const string SizeOption = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.InputSize)}";
    private const string GreyNode = "graft.input.grey"; // of the nodes that make pictures grey for a network

    /// <summary>Loads the branches and joins them.</summary>
    /// <param name="plan">A plan with branches.</param>
    /// <param name="store">The imported bodies.</param>
    /// <param name="load">Loads one branch.</param>
    /// <exception cref="GraftException">A branch cannot be loaded, or the branches do not fit each other.</exception>
    public static TrainableBody Load(BodyPlan plan, BodyStore store, Func<BodyPlan, TrainableBody> load)
    {
        if (plan.KeepsPretrainedHead)
        {
            throw new GraftException(
                "'co-tuning' cannot be used: joined bodies have no common pretrained classifier; leave it out, or "
                    + "train one body"
            )
            {
                Option = $"{nameof(TrainingOptions.FineTune)}.{nameof(FineTuneOptions.CoTuning)}",
            };
        }

        bool IsImported(BodyPlan branch) => store.Has(branch.Body);
        // a file fixes the size of all where none is given
        Dictionary<BodyPlan, TrainableBody> loaded = plan
            .Branches.Where(branch => branch.IsOnnxFile || IsImported(branch))
            .Distinct()
            .ToDictionary(
                branch => branch,
                branch => load(branch with { InputSize = IsImported(branch) ? null : plan.InputSize })
            );
        int size = plan.InputSize
            ?? loaded.Values.FirstOrDefault()?.Preprocessing.Width
            ?? plan.Branches.Max(branch => NamedBodies.Find(branch.Body).InputSize);
        foreach (BodyPlan branch in plan.Branches.Distinct().Where(branch => !loaded.ContainsKey(branch)))
        {
            loaded.Add(branch, load(branch with { InputSize = size }));
        }

        List<(string Name, TrainableBody Body)> branches = [];
        foreach (BodyPlan branch in plan.Branches)
        {
            branches.Add((NameOf(branch, store), loaded[branch]));
        }

        Require(branches, size);
        return Join(branches, plan.TrainedPart ?? "");
    }

    private static TrainableBody Join(List<(string Name, TrainableBody Body)> branches, string trainedPart)
    {
        (string Name, TrainableBody Body)[] mainFirst =
        [
            .. branches
                .OrderBy(branch => IsOf(branch.Name, trainedPart) ? 0 : 1)
                .ThenByDescending(branch =>
                    branch.Body.Model.Graph.Initializer.Sum(weight => TensorValues.ElementCount(weight, weight.Name))
                ),
        ];
        FeatureBoundary[] boundaries =
        [
            .. mainFirst.Select(branch =>
                branch.Body.Boundary with
                {
                    Edge = GraphJoin.NameIn(branch.Name, branch.Body.Boundary.Edge),
                }
            ),
        ];
        BodyDescription[] cards = [.. branches.Select(branch => branch.Body.Card)];
        string hashes = string.Join('+', cards.Select(card => card.WeightsSha256));
        return new(
            GraphJoin.Of(mainFirst),
            boundaries[0] with
            {
                Beside = boundaries[1..],
            },
            new(
                string.Join('+', branches.Select(branch => branch.Name)),
                mainFirst[0].Body.Preprocessing,
                string.Join(" and ", cards.Select(card => card.Licence ?? "unknown").Distinct()),
                string.Join("; ", cards.Select(card => card.Origin ?? "unknown").Distinct()),
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashes)))
            )
        )
        {
            Branches = cards,
            Warnings =
            [
                .. branches.SelectMany(branch => branch.Body.Warnings),
                // the branches' transforms are not tried: each would change what the others see
                .. branches.Select(branch => branch.Body.OpenTransform?.Assumption).OfType<Notice>(),
            ],
        };
    }

    private static bool IsOf(string branch, string part) =>
        part.StartsWith(branch + '/', StringComparison.Ordinal)
        || part.StartsWith(branch + ':', StringComparison.Ordinal);

    // A body of the catalogue has its shortest name, however it was called.
    private static string NameOf(BodyPlan branch, BodyStore store)
    {
        if (branch.IsOnnxFile)
        {
            return BodyStore.NameFromPath(branch.Body);
        }

        if (store.Has(branch.Body))
        {
            return branch.Body;
        }

        BodyEntry entry = NamedBodies.Find(branch.Body);
        return entry.Aliases.Prepend(entry.Name).MinBy(name => name.Length)!;
    }

    private static void Require(List<(string Name, TrainableBody Body)> branches, int size)
    {
        foreach (IGrouping<string, (string Name, TrainableBody Body)> same in branches.GroupBy(branch => branch.Name))
        {
            if (same.Count() > 1)
            {
                throw Refusal(
                    $"two of them are called '{Printable.Text(same.Key)}', and the same body twice says nothing new; "
                        + "name another body, or rename a file"
                );
            }
        }

        foreach ((string name, TrainableBody body) in branches)
        {
            (int height, int width) = (body.Preprocessing.Height, body.Preprocessing.Width);
            if ((height, width) != (size, size))
            {
                throw Refusal(
                    $"all branches see images of one size, here {size} x {size}, and '{Printable.Text(name)}' takes "
                        + $"{width} x {height} and no others; name its size, or another body",
                    SizeOption
                );
            }
        }

        string[] grey = [.. branches.Where(branch => IsGrey(branch.Body)).Select(branch => branch.Name)];
        if (grey.Length > 0 && grey.Length < branches.Count)
        {
            throw Refusal(
                $"'{Printable.Text(grey[0])}' takes grey images and "
                    + $"'{Printable.Text(branches.First(branch => !IsGrey(branch.Body)).Name)}' coloured ones; "
                    + "join bodies of one kind"
            );
        }
    }

    private static bool IsGrey(TrainableBody body) => body.Model.Graph.Node.Any(node => node.Name == GreyNode);

    private static GraftException Refusal(string reason, string? option = null) =>
        new($"the bodies cannot be joined: {reason}") { Option = option };
}
