using System.Text.Json.Nodes;
using Graft.Torch;
using Graft.Training.FineTuning;
using TorchSharp;
using static Graft.Training.Tests.GoldenLabels;
using static TorchSharp.torch;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class SigmoidLossTests
{
    [Theory]
    [InlineData("bce_mean", 0, null)]
    [InlineData("bce_mean_pos_weight_1_2_3_4_1_2", 0, new double[] { 1, 2, 3, 4, 1, 2 })]
    [InlineData("bce_mean_smoothing_0.1", 0.1, null)]
    public void Binary_cross_entropy_and_its_gradient_are_those_of_PyTorch(
        string name,
        double smoothing,
        double[]? positiveWeights
    ) =>
        AssertIs(name, (logits, targets) =>
            SigmoidLoss.CrossEntropy(
                logits,
                targets,
                smoothing,
                positiveWeights is null ? null : AlignedTensor.Of(positiveWeights)
            )
        );

    [Theory]
    [InlineData("asymmetric_gp1_gn4_m0.05", 1, 4, 0.05)]
    [InlineData("asymmetric_gp0_gn2_m0", 0, 2, 0)]
    public void The_asymmetric_loss_and_its_gradient_are_those_of_PyTorch(
        string name,
        double positiveFocus,
        double negativeFocus,
        double margin
    ) =>
        AssertIs(name, (logits, targets) =>
            SigmoidLoss.Asymmetric(logits, targets, positiveFocus, negativeFocus, margin)
        );

    private static void AssertIs(string name, Func<Tensor, Tensor, Tensor> loss)
    {
        JsonNode expected = Json["losses"]![name]!;
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = AlignedTensor.Of(Logits).view(-1, Classes).requires_grad_();
        Tensor targets = AlignedTensor.Of(Doubles(Json["labels"]!)).view(-1, Classes);

        Tensor mean = loss(logits, targets).mean();
        mean.backward();

        Assert.Equal((double)expected["value"]!, mean.ReadNumber(), 1e-10);
        Near(Doubles(expected["gradient"]!), logits.grad!.data<double>().ToArray(), 1e-10);
    }
}
