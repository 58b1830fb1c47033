using Graft.Torch;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// Linear discriminant analysis: the classes are normal distributions with one covariance S, which is shrunk towards a
/// sphere, S' = (1 - s) S + s trace(S) / F I (Friedman, Regularized discriminant analysis, 1989). One decomposition
/// serves every s. The logits are linear in the rows: x' S'^-1 m - m' S'^-1 m / 2 + ln prior.
/// </summary>
/// <remarks>
/// Rows may be given in the coordinates of their principal axes: other directions hold no difference of means.
/// </remarks>
internal sealed class DiscriminantAnalysis : IDisposable
{
    private const double Negligible = 1e-12; // of the largest variance: below it lies rounding

    private readonly Tensor _axes; // [r,k] with a variance within the classes
    private readonly Tensor _variances; // [k]
    private readonly Tensor _means; // [C,r]
    private readonly Tensor _logPriors; // [C]
    private readonly double _meanVariance;

    private DiscriminantAnalysis(Tensor axes, Tensor variances, Tensor means, Tensor logPriors, double meanVariance)
    {
        _axes = axes.DetachFromDisposeScope();
        _variances = variances.DetachFromDisposeScope();
        _means = means.DetachFromDisposeScope();
        _logPriors = logPriors.DetachFromDisposeScope();
        _meanVariance = meanVariance;
    }

    /// <summary>Finds means and covariance.</summary>
    /// <param name="rows">Rows [N,r] float64.</param>
    /// <param name="labels">Class numbers, [N].</param>
    /// <param name="weights">Weight of each row, [N]; 0 leaves it out. Every class has a weight above 0.</param>
    /// <param name="classCount">Number of classes, C.</param>
    /// <param name="featureCount">Number of features of which the r coordinates are a rotation, F.</param>
    public static DiscriminantAnalysis Of(
        Tensor rows,
        int[] labels,
        double[] weights,
        int classCount,
        long featureCount
    )
    {
        using DisposeScope scope = NewDisposeScope();
        double[] ofClasses = new double[classCount];
        double[] memberships = new double[labels.Length * classCount];
        for (int n = 0; n < labels.Length; n++)
        {
            ofClasses[labels[n]] += weights[n];
            memberships[(n * classCount) + labels[n]] = weights[n];
        }

        double all = ofClasses.Sum();
        Tensor members = AlignedTensor.Of(memberships, [labels.Length, classCount]); // [N,C]
        Tensor means = members.t().mm(rows).div_(AlignedTensor.Of(ofClasses).unsqueeze(1)); // [C,r]
        Tensor numbers = tensor(Array.ConvertAll(labels, label => (long)label)); // [N]
        Tensor roots = AlignedTensor.Of(Array.ConvertAll(weights, weight => Math.Sqrt(weight / all))); // [N]
        Tensor residuals = rows.sub(means.index_select(0, numbers)).mul_(roots.unsqueeze(1)); // [N,r]
        (Tensor variances, Tensor axes) = AxesOf(residuals);
        double trace = residuals.Squared().sum().ReadNumber();
        double[] logPriors = Array.ConvertAll(ofClasses, weight => Math.Log(weight / all));
        return new(axes, variances, means, AlignedTensor.Of(logPriors), trace / featureCount);
    }

    /// <summary>The weights [C,r] row by row, then the biases [C].</summary>
    /// <param name="shrinkage">s, above 0 and at most 1.</param>
    public double[] Parameters(double shrinkage)
    {
        using DisposeScope scope = NewDisposeScope();
        // the sphere's part everywhere, and along the axes what the covariance takes away
        double sphere = Math.Max(shrinkage * _meanVariance, double.Epsilon);
        Tensor less = _variances.Times(1 - shrinkage).Plus(sphere).reciprocal().Plus(-1 / sphere); // [k]
        Tensor weight = _means.mm(_axes).mul_(less).mm(_axes.t()).add_(_means, Held(1 / sphere)); // [C,r]
        Tensor bias = weight.mul(_means).sum(1).Times(-0.5).Plus(_logPriors); // [C]
        return [.. weight.contiguous().data<double>(), .. bias.data<double>()];
    }

    public void Dispose()
    {
        _axes.Dispose();
        _variances.Dispose();
        _means.Dispose();
        _logPriors.Dispose();
    }

    // By X' X = V S^2 V' or X X' = U S^2 U' with V = X' U / S, whichever is smaller.
    private static (Tensor Variances, Tensor Axes) AxesOf(Tensor residuals)
    {
        using ThreadLimit alone = new(1); // a second thread gains little, and the bits would depend on it
        bool isWide = residuals.shape[0] < residuals.shape[1];
        Tensor products = isWide ? residuals.mm(residuals.t()) : residuals.t().mm(residuals);
        (Tensor squares, Tensor vectors) = linalg.eigh(products); // ascending
        double[] ascending = squares.data<double>().ToArray();
        int negligible = ascending.Count(square => !(square > Negligible * ascending[^1]));
        (squares, vectors) = (squares[negligible..], vectors[.., negligible..]); // [k], [.,k]
        return (squares, isWide ? residuals.t().mm(vectors / squares.sqrt()) : vectors);
    }
}
