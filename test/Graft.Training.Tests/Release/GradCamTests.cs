using Graft.Explanation;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed class GradCamTests : IDisposable
{
    private const double RelativeTolerance = 1e-4; // float32 through the graph in two libraries

    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(0, 0)] // a probe
    [InlineData(3, 1)] // a trained tail
    public void Maps_of_a_trained_model_equal_Grad_CAM_and_the_class_activation_map(int epochs, int label)
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                Head = new() { Pooling = Pooling.Average, Hidden = [] },
                FineTune = epochs == 0 ? new() { Epochs = 0 } : _world.Options.FineTune with { Epochs = epochs },
            },
            cancel: TestContext.Current.CancellationToken
        );
        using Explainer explainer = Explainer.Load(result.ModelPath);
        string image = Path.Combine(_world.Images, "rings", "03.png");

        HeatMap heat = explainer.Explain(image, explainer.Card.Labels[label]).Heat;

        (double[] gradCam, double[] cam) = Maps(result.ModelPath, explainer.Card, image, label);
        Assert.Contains(gradCam, value => value is > 0.1 and < 0.9);
        for (int place = 0; place < gradCam.Length; place++)
        {
            double found = heat[place % heat.Width, place / heat.Width];
            Assert.Equal(gradCam[place], found, RelativeTolerance * Math.Max(gradCam[place], 0.01));
            Assert.Equal(cam[place], found, RelativeTolerance * Math.Max(cam[place], 0.01));
        }
    }

    // Grad-CAM by its definition: the mean gradient of each channel weighs its map (Selvaraju et al. 2017, section 3).
    // The class activation map: the change of the score per unit of each averaged channel, found by adding one to it.
    private static (double[] GradCam, double[] Cam) Maps(string path, ModelCard card, string image, int label)
    {
        OnnxModel model = OnnxModel.Load(path);
        string edge = ClassifierHead.Find(model, path).Leaves.Single().Map;
        string scores = model.Graph.Node.Single(node => node.Output.Contains(ClassifierEdges.Probabilities)).Input[0];
        long[] shape = [3, card.Preprocessing.Height, card.Preprocessing.Width];
        using TorchGraph body = new(Subgraph.Prefix(model, edge));
        using TorchGraph head = new(Subgraph.Tail(Subgraph.Prefix(model, scores), edge, shape));
        float[] pixels = Array.ConvertAll(new Preprocessor(card.Preprocessing).Render(image), value => (float)value);

        using DisposeScope scope = NewDisposeScope();
        Tensor input = tensor(pixels).reshape(1, 3, shape[1], shape[2]);
        Tensor map = body.Forward(input).detach().requires_grad_(true); // [1,K,H,W]
        Tensor score = head.Forward(map)[0, label];
        score.backward();
        Tensor gradients = map.grad!.mean([2, 3], keepdim: true); // [1,K,1,1]

        long channels = map.shape[1];
        Tensor unit = eye(channels, dtype: float32).reshape(channels, channels, 1, 1); // one image a channel
        Tensor weights = head.Forward(map.detach().Plus(unit))[.., label].Plus(score.neg()); // [K]
        return (
            Normalised((gradients * map.detach()).sum(1)),
            Normalised((weights.detach().reshape(1, -1, 1, 1) * map.detach()).sum(1))
        );
    }

    private static double[] Normalised(Tensor map)
    {
        float[] values = map.flatten().data<float>().ToArray();
        double most = values.Max();
        return Array.ConvertAll(values, value => Math.Max(0, value) / most);
    }
}
