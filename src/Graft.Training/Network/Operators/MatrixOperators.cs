using static TorchSharp.torch;

namespace Graft.Training.Network.Operators;

/// <summary>Products of matrices: fully connected layers and attention.</summary>
internal static class MatrixOperators
{
    public static void Register(OperatorTable table) => table.In("matrix")
        .Add("Gemm", Gemm)
        .Add("MatMul", _ => x => x[0].matmul(x[1]))
        .Add("Einsum", Einsum);

    private static SingleKernel Gemm(NodeContext node)
    {
        float alpha = (float)node.Float("alpha", 1), beta = (float)node.Float("beta", 1);
        bool transposesA = node.Flag("transA"), transposesB = node.Flag("transB");
        return x =>
        {
            Tensor a = transposesA ? x[0].t() : x[0];   // [M,K]
            Tensor b = transposesB ? x[1].t() : x[1];   // [K,N]
            if (x.Has(2))
            {
                return addmm(x[2], a, b, beta, alpha);   // [M,N]
            }

            Tensor product = a.matmul(b);   // [M,N]
            return alpha == 1 ? product : product * alpha;
        };
    }

    private static SingleKernel Einsum(NodeContext node)
    {
        string equation = node.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        return equation.All(c => char.IsAsciiLetter(c) || c is ',' or '.' or '-' or '>')
            ? x => einsum(equation, x.All())
            : throw node.Refuse($"its equation '{Data.Printable.Text(equation)}' is not one of letters, commas, dots and an arrow; export the network again");
    }
}
