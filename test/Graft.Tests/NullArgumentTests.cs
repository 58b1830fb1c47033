using Graft.Imaging;
using Graft.Prediction;

namespace Graft.Tests;

public sealed class NullArgumentTests : IDisposable
{
    private static readonly DecodeLimits s_limits = new();
    private readonly Predictor _predictor = Predictor.Load(TinyClassifier.Model(), "tiny");
    private readonly Preprocessor _preprocessor = new(TinyClassifier.Preprocessing);

    public void Dispose() => _predictor.Dispose();

    [Fact]
    public void A_predictor_names_the_argument_that_is_null()
    {
        Check("path", () => Predictor.Load(null!));
        Check("model", () => Predictor.Load(null!, "tiny"));
        Check("name", () => Predictor.Load([], null!));
        Check("path", () => _predictor.Predict((string)null!));
        Check("stream", () => _predictor.Predict((Stream)null!));
        Check("bytes", () => _predictor.Predict((byte[])null!));
        Check("name", () => _predictor.Predict([], null!));
        Check("path", () => _ = _predictor.PredictAsync((string)null!));
        Check("stream", () => _ = _predictor.PredictAsync((Stream)null!));
        Check("bytes", () => _ = _predictor.PredictAsync((byte[])null!));
        Check("name", () => _ = _predictor.PredictAsync(Stream.Null, (string)null!));
        Check("paths", () => _predictor.PredictMany(null!));
        Check("paths", () => _predictor.PredictManyAsync((IEnumerable<string>)null!));
        Check("images", () => _predictor.PredictManyAsync((IEnumerable<NamedImage>)null!));
    }

    [Fact]
    public void A_preprocessor_names_the_argument_that_is_null()
    {
        Check("preprocessing", () => _ = new Preprocessor(null!));
        Check("augmentation", () => _ = new Preprocessor(TinyClassifier.Preprocessing, (Augmentation)null!));
        Check("path", () => _preprocessor.Render((string)null!));
        Check("stream", () => _preprocessor.Render((Stream)null!));
        Check("bytes", () => _preprocessor.Render((byte[])null!));
        Check("bytes", () => _preprocessor.Render(null!, "image", [], []));
    }

    [Fact]
    public void The_reading_of_images_names_the_argument_that_is_null()
    {
        Check("path", () => ImageFile.Read(null!, s_limits));
        Check("limits", () => ImageFile.Read("a.png", null!));
        Check("stream", () => ImageFile.Read(null!, "a", s_limits));
        Check("path", () => ImageFile.Examine(null!, s_limits));
        Check("name", () => ImageSignature.Explain(null!, []));
        Check("bytes", () => ImageDecoder.Decode(null!, "a"));
        Check("name", () => ImageDecoder.Decode([], null!));
        Check("image", () => PerceptualHash.Of(null!));
    }

    [Fact]
    public void A_card_names_the_argument_that_is_null()
    {
        ModelCard card = TinyClassifier.Card(TinyClassifier.Network());

        Check("name", () => ModelCard.Parse(null, null!));
        Check("name", () => card.Checked(null!));
        Check("model", () => SelfTest.Create(null!, "tiny", TinyClassifier.Preprocessing));
        Check("preprocessing", () => SelfTest.Create([], "tiny", null!));
    }

    private static void Check(string name, Action call) =>
        Assert.Equal(name, Assert.Throws<ArgumentNullException>(call).ParamName);
}
