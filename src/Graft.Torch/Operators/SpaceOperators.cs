using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Operators that move values between channels and the plane.</summary>
internal static class SpaceOperators
{
    public static void Register(OperatorTable table) =>
        table.In("shape").Add("DepthToSpace", DepthToSpace).Add("SpaceToDepth", SpaceToDepth);

    private static SingleKernel DepthToSpace(NodeContext node)
    {
        long block = Block(node);
        bool isColumnFirst = node.Choice("mode", "DCR", "CRD") == "CRD";
        return x =>
        {
            (long n, long c, long h, long w) = Four(node, x[0]);
            if (c % (block * block) != 0)
            {
                throw node.Refuse($"{c} channels are no multiple of {block * block}");
            }

            long depth = c / (block * block);
            Tensor parts = isColumnFirst
                ? x[0].reshape(n, depth, block, block, h, w).permute(0, 1, 4, 2, 5, 3)
                : x[0].reshape(n, block, block, depth, h, w).permute(0, 3, 4, 1, 5, 2);
            return parts.reshape(n, depth, h * block, w * block);
        };
    }

    private static SingleKernel SpaceToDepth(NodeContext node)
    {
        long block = Block(node);
        return x =>
        {
            (long n, long c, long h, long w) = Four(node, x[0]);
            if (h % block != 0 || w % block != 0)
            {
                throw node.Refuse($"a plane of {h} x {w} does not divide into blocks of {block}");
            }

            Tensor parts = x[0].reshape(n, c, h / block, block, w / block, block).permute(0, 3, 5, 1, 2, 4);
            return parts.reshape(n, c * block * block, h / block, w / block);
        };
    }

    private static long Block(NodeContext node)
    {
        long block = node.Int("blocksize", 0);
        return block is > 0 and <= 4096 ? block : throw node.Refuse($"blocksize is {block}; export the network again");
    }

    private static (long N, long C, long H, long W) Four(NodeContext node, Tensor x) =>
        x.dim() == 4
            ? (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
            : throw node.Refuse($"its input has {x.dim()} dimensions where four are needed");
}
