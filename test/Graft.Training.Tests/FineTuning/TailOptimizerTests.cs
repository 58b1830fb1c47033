using Graft.Training.FineTuning;
using Graft.Training.Tests.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class TailOptimizerTests
{
    private const double Rate = 0.05;
    private const double Decay = 0.1;
    private const double Float32Noise = 1e-5; // 40 steps, each rounded to 24 bits
    private const int Steps = 40;

    // The rules as their papers write them, in double precision, for one number whose loss is x^2 + sin(3x).
    [Fact]
    public void Sgd_uses_Nesterov_momentum()
    {
        double velocity = 0;
        AssertFollows(OptimizerKind.Sgd, (x, slope, step) =>
        {
            slope += Decay * x;
            velocity = step == 1 ? slope : (0.9 * velocity) + slope;
            return x - (Rate * (slope + (0.9 * velocity)));
        });
    }

    [Fact]
    public void RmsProp_divides_by_the_running_size_of_the_gradient()
    {
        double squares = 0;
        AssertFollows(OptimizerKind.RmsProp, (x, slope, step) =>
        {
            slope += Decay * x;
            squares = (0.9 * squares) + (0.1 * slope * slope);
            return x - (Rate * slope / (Math.Sqrt(squares) + 1e-7));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Adam_corrects_its_moments_and_AdamW_decays_the_weight_itself(bool isDecoupled)
    {
        double mean = 0,
            squares = 0;
        AssertFollows(isDecoupled ? OptimizerKind.AdamW : OptimizerKind.Adam, (x, slope, step) =>
        {
            slope += isDecoupled ? 0 : Decay * x;
            mean = (0.9 * mean) + (0.1 * slope);
            squares = (0.999 * squares) + (0.001 * slope * slope);
            double move = mean / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(squares / (1 - Math.Pow(0.999, step))) + 1e-8);
            return (isDecoupled ? x * (1 - (Rate * Decay)) : x) - (Rate * move);
        });
    }

    [Fact]
    public void A_group_moves_at_its_own_rate_and_a_parameter_without_gradient_does_not_move()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter head = new(ones(1)),
            body = new(ones(1)),
            idle = new(ones(1));
        using TailOptimizer optimizer = new(
            OptimizerKind.Adam,
            [new(true, 1, false, [head, idle]), new(false, 0.5, true, [body])],
            weightDecay: 0
        );
        (head.sum() - body.sum()).backward();

        optimizer.Step(headRate: 0.1, bodyRate: 0.01);

        Assert.Equal(0.9, Read(head), Float32Noise);
        Assert.Equal(1.005, Read(body), Float32Noise);
        Assert.Equal(1.0, Read(idle));
        Assert.Equal([0f], head.grad!.data<float>());
    }

    private static double Read(Tensor x) => TorchGraphTests.Floats(x.detach())[0];

    private static void AssertFollows(OptimizerKind kind, Func<double, double, int, double> rule)
    {
        using DisposeScope scope = NewDisposeScope();
        double expected = 1.5;
        Parameter parameter = new(tensor(new[] { 1.5f }));
        using TailOptimizer optimizer = new(kind, [new(true, 1, true, [parameter])], Decay);
        for (int step = 1; step <= Steps; step++)
        {
            ((parameter * parameter) - (parameter * tensor(3f)).sin().neg()).sum().backward();
            optimizer.Step(Rate, bodyRate: 0);
            expected = rule(expected, (2 * expected) + (3 * Math.Cos(3 * expected)), step);
            Assert.Equal(expected, Read(parameter), Float32Noise * Steps);
        }
    }
}
