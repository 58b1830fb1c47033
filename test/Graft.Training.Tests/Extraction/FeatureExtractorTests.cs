using Graft.Training.Weights;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class FeatureExtractorTests : IDisposable
{
    private readonly ToyWorld _world = new();

    private FeatureOptions Options => new() { Cache = new() { Folder = _world.Run("cache") } };

    [Fact]
    public void Features_of_a_set_are_saved_with_their_labels()
    {
        FeatureTable features = Extract();
        string path = _world.Run("features.safetensors");

        features.SaveSafetensors(path);

        WeightFile file = WeightFile.Read(path);
        Assert.Equal([60, 16], file.Tensors["features"].Shape);
        Assert.Equal(features.Values.ToArray(), file.Tensors["features"].ToSingles());
        Assert.Equal([60], file.Tensors["labels"].Shape);
        Assert.Equal("""["checks","rings","stripes"]""", file.Metadata["classes"]);
        Assert.Equal("checks/00.png", features.Names[0]);
    }

    [Fact]
    public void The_second_extraction_reads_the_cache()
    {
        float[] first = Extract().Values.ToArray();
        List<TrainingEvent> seen = [];

        float[] second = Extract(new Listener(seen.Add)).Values.ToArray();

        Assert.Equal(first, second);
        Assert.Empty(seen.OfType<Progressed>());
    }

    [Fact]
    public void A_probe_of_the_features_tells_the_classes_apart()
    {
        FeatureTable features = Extract();

        LinearProbe probe = LinearProbe.Fit(features, cancel: TestContext.Current.CancellationToken);

        int correct = Enumerable
            .Range(0, features.Count)
            .Count(row => probe.Predict(features.Row(row)) == features.Classes[features.Labels[row]]);
        Assert.True(correct >= 50, $"{correct} of 60");
        Assert.InRange(probe.Accuracy, 0.6, 1);
        Assert.Equal(1, probe.PredictProbabilities(features.Row(0)).Sum(), 9);
    }

    [Fact]
    public void A_row_of_another_width_is_refused()
    {
        LinearProbe probe = LinearProbe.Fit(Extract(), cancel: TestContext.Current.CancellationToken);

        ArgumentException error = Assert.Throws<ArgumentException>(() => probe.Predict([1f, 2f]));

        Assert.StartsWith("a row has 16 features, not 2", error.Message);
    }

    public void Dispose() => _world.Dispose();

    private FeatureTable Extract(IProgress<TrainingEvent>? progress = null)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using FeatureExtractor extractor = FeatureExtractor.Create(BodySource.OnnxFile(_world.BodyPath), Options);
        return extractor.Extract(ImageSet.FromFolder(_world.Images, cancel: cancel), progress, cancel);
    }

    private sealed class Listener(Action<TrainingEvent> act) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => act(value);
    }
}
