using Graft.Onnx;

namespace Graft.Torch;

/// <summary>
/// Distinguishes learned weights from constants of a formula, such as epsilons, clip bounds, attention scales and
/// batch-norm statistics.
/// </summary>
/// <remarks>ONNX does not mark learned weights. The inputs that read an edge decide.</remarks>
internal sealed class ParameterRoles(OnnxGraph graph)
{
    private enum Role
    {
        /// <summary>The input takes learned values, whatever their number.</summary>
        Weight,

        /// <summary>
        /// More than one value means learned values: a bias after MatMul, a layer's scale, an embedding.
        /// </summary>
        Maybe,

        /// <summary>The operator only moves values: the readers of its output decide.</summary>
        Passes,

        /// <summary>The input never takes learned values.</summary>
        Never,
    }

    /// <summary>Whether the float values of an edge are learned.</summary>
    /// <param name="edge">Name of the edge.</param>
    /// <param name="count">Number of values.</param>
    public bool IsParameter(string edge, long count) =>
        Roles(edge, 8).ToList() is { Count: > 0 } roles
        && roles.TrueForAll(role => role == Role.Weight || (role == Role.Maybe && count > 1));

    private IEnumerable<Role> Roles(string edge, int depth)
    {
        foreach (NodeProto node in graph.ConsumersOf(edge))
        {
            for (int input = 0; input < node.Input.Count; input++)
            {
                if (node.Input[input] != edge)
                {
                    continue;
                }

                Role role = RoleOf(node.OpType, input);
                IEnumerable<Role> roles =
                    role != Role.Passes ? [role]
                    : depth > 0 && node.Output.Count > 0 ? Roles(node.Output[0], depth - 1)
                    : [Role.Never];
                foreach (Role found in roles)
                {
                    yield return found;
                }
            }
        }
    }

    private static Role RoleOf(string operation, int input) =>
        (operation, input) switch
        {
            (
                "Conv"
                    or "ConvTranspose"
                    or "InstanceNormalization"
                    or "LayerNormalization"
                    or "GroupNormalization"
                    or "RMSNormalization",
                1
                    or 2
            ) => Role.Weight,
            ("BatchNormalization", 1 or 2) => Role.Weight,
            ("PRelu", 1) => Role.Weight,
            ("Gemm", _) => Role.Weight,
            ("MatMul" or "Einsum", _) => Role.Weight,
            ("Add" or "Mul" or "Sum", _) => Role.Maybe,
            ("Concat", _) => Role.Maybe,
            (
                "Identity"
                    or "Unsqueeze"
                    or "Squeeze"
                    or "Transpose"
                    or "Reshape"
                    or "Flatten"
                    or "Cast"
                    or "Slice"
                    or "Gather"
                    or "Expand"
                    or "Tile"
                    or "Split",
                0
            ) => Role.Passes,
            _ => Role.Never,
        };
}
