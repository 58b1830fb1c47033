using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// Vision transformers (arXiv 2010.11929, section 3.1; DINOv2: arXiv 2304.07193; registers: arXiv 2309.16588), with
/// timm's names. The features are two groups of columns: the class token, and the mean of the patch tokens.
/// </summary>
internal static class VisionTransformer
{
    private const int Depth = 12;
    private const float Epsilon = 1e-6f;

    /// <param name="Patch">Side of a patch in pixels.</param>
    /// <param name="Width">Channels of a token.</param>
    /// <param name="Heads">Heads of the attention.</param>
    /// <param name="Registers">Tokens without a place in the image, beside the class token.</param>
    /// <param name="IsScaled">Whether learned factors follow attention and MLP (DINOv2's layer scale).</param>
    private sealed record Variant(int Patch, int Width, int Heads, int Registers = 0, bool IsScaled = false);

    /// <summary>The variants of this family, from small to large.</summary>
    public static IEnumerable<Architecture> All =>
        [
            Make("vit_tiny_patch16_224", new(16, 192, 3)),
            Make("vit_small_patch16_224", new(16, 384, 6)),
            Make("vit_base_patch16_224", new(16, 768, 12)),
            Make("vit_small_patch14_dinov2", new(14, 384, 6, IsScaled: true)),
            Make("vit_small_patch14_reg4_dinov2", new(14, 384, 6, Registers: 4, IsScaled: true)),
            Make("vit_base_patch14_dinov2", new(14, 768, 12, IsScaled: true)),
            Make("vit_base_patch14_reg4_dinov2", new(14, 768, 12, Registers: 4, IsScaled: true)),
        ];

    private static Architecture Make(string name, Variant variant) =>
        new(
            name,
            (net, x) => Features(net, x, variant),
            (net, x, classCount) => net.Linear(net.SliceChannels(x, 0, variant.Width), "head", classCount)
        )
        {
            PatchSide = variant.Patch,
        };

    private static string Features(GraphBuilder net, string x, Variant variant)
    {
        int prefix = 1 + variant.Registers;
        x = Tokens(net, x, variant);
        for (int i = 0; i < Depth; i++)
        {
            x = Block(net, x, $"blocks.{i}", variant);
        }

        x = net.LayerNorm(x, "norm", Epsilon);
        string token = net.Flatten(net.SliceTokens(x, 0, 1), "class_token");
        return net.Concat("features", token, net.AverageTokens(x, from: prefix, "patch_average"));
    }

    // The class token and the registers stand before the patches. With registers, only patches have a place in the
    // image; without, the class token has one too.
    private static string Tokens(GraphBuilder net, string x, Variant variant)
    {
        EdgeShape image = net.ShapeOf(x);
        int patches = image.Height / variant.Patch * (image.Width / variant.Patch);
        string first = net.Parameter("cls_token", 1, 1, variant.Width);
        if (variant.Registers > 0)
        {
            string registers = net.Parameter("reg_token", 1, variant.Registers, variant.Width);
            first = net.JoinTokens("prefix_tokens", first, registers);
        }

        bool hasPlace = variant.Registers == 0;
        string places = net.Parameter("pos_embed", 1, hasPlace ? patches + 1 : patches, variant.Width);
        x = net.ToTokens(net.Conv(x, "patch_embed.proj", variant.Width, variant.Patch, stride: variant.Patch));
        return hasPlace
            ? net.Add(net.PrependTokens(x, first, 1), places, "tokens")
            : net.PrependTokens(net.Add(x, places), first, 1 + variant.Registers, "tokens");
    }

    private static string Block(GraphBuilder net, string x, string name, Variant variant)
    {
        string y = net.LayerNorm(x, $"{name}.norm1", Epsilon);
        y = Attention(net, y, $"{name}.attn", variant);
        x = net.Add(x, Scaled(net, y, $"{name}.ls1", variant), $"{name}.attended");
        y = net.LayerNorm(x, $"{name}.norm2", Epsilon);
        y = net.Gelu(net.LinearChannelsLast(y, $"{name}.mlp.fc1", 4 * variant.Width));
        y = net.LinearChannelsLast(y, $"{name}.mlp.fc2", variant.Width);
        return net.Add(x, Scaled(net, y, $"{name}.ls2", variant), $"{name}.output"); // NAME is the block from its start
    }

    private static string Attention(GraphBuilder net, string x, string name, Variant variant)
    {
        string joined = net.LinearChannelsLast(x, $"{name}.qkv", 3 * variant.Width);
        string attended = net.Attention(joined, name, variant.Heads);
        return net.LinearChannelsLast(attended, $"{name}.proj", variant.Width);
    }

    private static string Scaled(GraphBuilder net, string x, string name, Variant variant) =>
        variant.IsScaled ? net.Mul(x, net.Parameter($"{name}.gamma", variant.Width), name) : x;
}
