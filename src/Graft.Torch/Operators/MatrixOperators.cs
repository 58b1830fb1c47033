using Graft.Infrastructure;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Matrix products, for fully connected layers and attention.</summary>
internal static class MatrixOperators
{
    public static void Register(OperatorTable table) =>
        table.In("matrix").Add("Gemm", Gemm).Add("MatMul", MatMul).Add("Einsum", Einsum);

    private static SingleKernel Gemm(NodeContext node)
    {
        float alpha = (float)node.Float("alpha", 1),
            beta = (float)node.Float("beta", 1);
        bool transposesA = node.Flag("transA"),
            transposesB = node.Flag("transB");
        return x =>
        {
            Tensor a = transposesA ? x[0].t() : x[0]; // [M,K]
            Tensor b = transposesB ? x[1].t() : x[1]; // [K,N]
            if (x.Has(2))
            {
                return addmm(x[2], a, b, beta, alpha); // [M,N]
            }

            Tensor product = a.mm(b); // [M,N]
            return alpha == 1 ? product : product.Times(alpha);
        };
    }

    private static SingleKernel MatMul(NodeContext node) =>
        x =>
        {
            Tensor a = x[0],
                b = x[1];
            if (a.dim() == 0 || b.dim() == 0)
            {
                throw node.Refuse("one of its inputs is a single number; export the network again");
            }

            if (!a.is_floating_point())
            {
                // exact below 2^53
                return Product(node, a.to(ScalarType.Float64), b.to(ScalarType.Float64)).to(ScalarType.Int64);
            }

            return Product(node, a, b);
        };

    // TorchSharp 0.107's matmul, unlike its other functions, does not catch PyTorch's exceptions: shapes that do not
    // match would end the process. mm and bmm are safe.
    private static Tensor Product(NodeContext node, Tensor a, Tensor b)
    {
        Tensor left = a.dim() == 1 ? a.unsqueeze(0) : a; // [...,M,K]
        Tensor right = b.dim() == 1 ? b.unsqueeze(1) : b; // [...,K,N]
        long rows = left.shape[^2],
            inner = left.shape[^1],
            columns = right.shape[^1];
        long[] batch;
        Tensor product;
        if (right.dim() == 2)
        {
            batch = left.shape[..^2];
            product = left.reshape(left.shape[..^1].Aggregate(1L, (count, size) => count * size), inner).mm(right);
        }
        else
        {
            batch = Broadcast(node, left.shape[..^2], right.shape[..^2]);
            long count = batch.Aggregate(1L, (all, size) => all * size);
            product = left.expand([.. batch, rows, inner])
                .reshape(count, rows, inner)
                .bmm(right.expand([.. batch, right.shape[^2], columns]).reshape(count, right.shape[^2], columns));
        }

        return product.reshape([
            .. batch,
            .. a.dim() == 1 ? Array.Empty<long>() : [rows],
            .. b.dim() == 1 ? Array.Empty<long>() : [columns],
        ]);
    }

    private static long[] Broadcast(NodeContext node, long[] a, long[] b)
    {
        long[] shape = new long[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= shape.Length; i++)
        {
            long left = i <= a.Length ? a[^i] : 1,
                right = i <= b.Length ? b[^i] : 1;
            shape[^i] = left == 1 ? right : left; // expand refuses sizes that differ
        }

        node.CheckSize(shape);
        return shape;
    }

    private static SingleKernel Einsum(NodeContext node)
    {
        string equation = node.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        return equation.All(c => char.IsAsciiLetter(c) || c is ',' or '.' or '-' or '>')
            ? x => einsum(equation, x.All())
            : throw node.Refuse(
                $"its equation '{Printable.Text(equation)}' is not one of letters, commas, dots and an arrow; "
                    + "export the network again"
            );
    }
}
