using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class SeveralCutsTests : IDisposable
{
    private const double Noise = 0.01; // bfloat16 rows of ONNX Runtime, whose fusions depend on the outputs
    private readonly ToyWorld _world = new(4, body: ToyWorld.DeepBody());

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(Engine.Torch)]
    [InlineData(Engine.OnnxRuntime)]
    [InlineData(Engine.Mixed)]
    public void One_pass_for_several_cuts_gives_the_same_rows_as_one_pass_for_each(Engine engine)
    {
        TrainingOptions options = _world.Options with { Engine = engine };
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        CutPoint[] cuts = [.. CutPoints.Find(body.Model, body.InputShape).Where(cut => cut.Edge is "b" or "c")];
        TrainingData data = TrainingData.Read(
            _world.Images,
            DataPlan.Of(options),
            new Silence<TrainingEvent>(),
            TestContext.Current.CancellationToken
        );

        using ExtractedFeatures both = Fill(cuts);

        Assert.Equal(2, both.All.Cuts.Count);
        foreach (CutPoint cut in cuts)
        {
            using ExtractedFeatures alone = Fill([cut]);
            float[] expected = Values(alone.All, cut),
                found = Values(both.All, cut);
            Assert.Contains(expected, value => value > Noise);
            if (engine == Engine.Torch)
            {
                Assert.Equal(expected, found);
            }
            else
            {
                Assert.All(expected.Zip(found), pair =>
                    Assert.InRange(
                        pair.Second,
                        pair.First - (Noise * (1 + Math.Abs(pair.First))),
                        pair.First + (Noise * (1 + Math.Abs(pair.First)))
                    )
                );
            }
        }

        ExtractedFeatures Fill(IReadOnlyList<CutPoint> some) =>
            ExtractedFeatures.Extract(
                body,
                ExtractionPlans.Of(options, body.Model, some, 1, data.Train.Count) with
                {
                    Pooling = Pooling.Average,
                },
                data,
                null,
                new Silence<TrainingEvent>(),
                TestContext.Current.CancellationToken
            );

        float[] Values(FeatureView extraction, CutPoint cut)
        {
            using TorchSharp.DisposeScope scope = TorchSharp.torch.NewDisposeScope();
            int[] rows = [.. data.Everything.Select(image => extraction.FirstRows[image.Name])];
            return
            [
                .. extraction.At(cut).Load(rows).to(TorchSharp.torch.ScalarType.Float32).contiguous().data<float>(),
            ];
        }
    }
}
