using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>A copy of a set of parameters: the best values so far, or their running average (EMA).</summary>
internal sealed class WeightCopy : IDisposable
{
    private readonly Tensor[] _values;

    /// <param name="parameters">The parameters; their values are copied.</param>
    public WeightCopy(IReadOnlyList<Tensor> parameters)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope(); // disposes the views that detach() returns
        _values = [.. parameters.Select(p => p.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>The copied tensors, in the order of the parameters.</summary>
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
    /// One step of an exponential moving average: value = d value + (1 - d) parameter. The first steps use a smaller d
    /// = (1 + step) / (10 + step), which lets the average leave the start quickly.
    /// </summary>
    /// <param name="parameters">Current values.</param>
    /// <param name="decay">Largest d, 0..1.</param>
    /// <param name="step">Number of the step, counted from 0.</param>
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
