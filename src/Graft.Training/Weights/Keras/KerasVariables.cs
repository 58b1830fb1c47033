namespace Graft.Training.Weights;

/// <summary>
/// The variable names of Keras 3 layers, in the order in which a layer creates them (keras/src/layers).
/// </summary>
internal static class KerasVariables
{
    /// <summary>The names of a layer's variables; unchanged where the kind of layer is unknown.</summary>
    /// <param name="kind">Name of the group: class in snake case, perhaps with a number ("conv2d_3").</param>
    /// <param name="members">Names of the variables in the file: "0", "1" and so on.</param>
    /// <param name="layer">The layer in config.json; null where there is none.</param>
    public static string[] Names(string kind, string[] members, KerasLayer? layer)
    {
        string[] known = Class(kind) switch
        {
            "batch_normalization" or "sync_batch_normalization" => BatchNormalization(members.Length, layer),
            "conv1d" or "conv2d" or "conv3d" or "conv2d_transpose" or "depthwise_conv2d" or "dense" =>
            [
                "kernel",
                "bias",
            ],
            "separable_conv2d" => ["depthwise_kernel", "pointwise_kernel", "bias"],
            "layer_normalization" or "group_normalization" => ["gamma", "beta"],
            "normalization" => ["mean", "variance", "count"],
            "embedding" => ["embeddings"],
            "p_re_lu" => ["alpha"],
            _ => [],
        };
        return members.Length <= known.Length ? known[..members.Length] : members;
    }

    /// <summary>The class in a group's name: "conv2d" for "conv2d_12".</summary>
    public static string Class(string kind)
    {
        string letters = kind.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return letters.Length < kind.Length && letters.EndsWith('_') ? letters[..^1] : kind;
    }

    private static string[] BatchNormalization(int count, KerasLayer? layer) =>
        (count, layer?.HasScale) switch
        {
            (4, _) => ["gamma", "beta", "moving_mean", "moving_variance"],
            (3, true) => ["gamma", "moving_mean", "moving_variance"],
            // Published networks with one of the two parameters have beta (Inception, scale=False).
            (3, _) => ["beta", "moving_mean", "moving_variance"],
            _ => ["moving_mean", "moving_variance"],
        };
}
