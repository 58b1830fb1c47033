namespace Graft.Training.Weights;

/// <summary>
/// The names of a Keras 3 layer's variables, in the order in which the layer makes them (keras/src/layers).
/// </summary>
internal static class KerasVariables
{
    /// <param name="kind">The group's name: the class in snake case and perhaps a number,
    /// "batch_normalization_3".</param>
    /// <param name="members">What the variables are called in the file, "0", "1" ….</param>
    /// <param name="layer">What config.json says of the layer; null where there is none.</param>
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

    /// <summary>"conv2d_12" is of the class "conv2d".</summary>
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
            // scale=False is what published networks leave out (Inception)
            (3, _) => ["beta", "moving_mean", "moving_variance"],
            _ => ["moving_mean", "moving_variance"],
        };
}
