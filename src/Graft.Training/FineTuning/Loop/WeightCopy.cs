using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>Copies of a set of parameters: the best so far, or a running average of them.</summary>
internal sealed class WeightCopy : IDisposable
{
    private readonly Tensor[] _values;

    public WeightCopy(IReadOnlyList<Tensor> parameters)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope(); // for what detach() makes
        _values = [.. parameters.Select(p => p.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>In the order of the parameters.</summary>
    public IReadOnlyList<Tensor> Values => _values;

    /// <summary>Overwrites the copies with the parameters' values.</summary>
    public void CopyFrom(IReadOnlyList<Tensor> parameters)
    {
        using IDisposable noGradient = no_grad();
        foreach ((Tensor value, Tensor parameter) in _values.Zip(parameters))
        {
            value.copy_(parameter);
        }
    }

    /// <summary>Overwrites the parameters with the copies.</summary>
    public void CopyTo(IReadOnlyList<Tensor> parameters)
    {
        using IDisposable noGradient = no_grad();
        foreach ((Tensor value, Tensor parameter) in _values.Zip(parameters))
        {
            parameter.copy_(value);
        }
    }

    /// <summary>
    /// One step of an exponential moving average: value = d value + (1 - d) parameter, with d = min(decay, (1 + step) /
    /// (10 + step)) so that the
    /// first steps do not stick to the start.
    /// </summary>
    public void UpdateEma(IReadOnlyList<Tensor> parameters, double decay, int step)
    {
        using IDisposable noGradient = no_grad();
        double weight = 1 - Math.Min(decay, (1.0 + step) / (10 + step));
        foreach ((Tensor value, Tensor parameter) in _values.Zip(parameters))
        {
            value.lerp_(parameter, weight);
        }
    }

    public void Dispose()
    {
        foreach (Tensor value in _values)
        {
            value.Dispose();
        }
    }
}
