using Graft.Imaging;
using Graft.Prediction;
using NetVips;

namespace Graft.Runtimes.Tests;

/// <summary>
/// A model that the command trains on a part of samples/parts, pictures of many kinds, and Graft's answers to them.
/// </summary>
public sealed class TrainedModel : IAsyncLifetime
{
    private const int ImagesOfAClass = 14;
    private const int Sideways = 6; // EXIF: the camera was held upright
    private readonly TemporaryFolder _folder = new();

    /// <summary>model.onnx, with model.json beside it.</summary>
    public string Model => Path.Combine(Folder, "run", "model.onnx");

    public string Folder => _folder.Root;

    /// <summary>The assembly of the command, for dotnet.</summary>
    public string Command { get; } =
        Path.Combine(
            SharedData.Root,
            "src",
            "Graft.Cli",
            "bin",
            new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
            "net10.0",
            "Graft.Cli.dll"
        );

    /// <summary>Small and large pictures, a turned one, a transparent one, and ones of which the model is unsure.
    /// </summary>
    public IReadOnlyList<string> Pictures { get; private set; } = [];

    /// <summary>Graft's answers, in the order of the pictures.</summary>
    internal IReadOnlyList<ImagePrediction> Answers { get; private set; } = [];

    internal ModelCard Card { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        string images = Path.Combine(Folder, "images");
        foreach (string name in (string[])["bolt", "gear", "nut"])
        {
            string to = Directory.CreateDirectory(Path.Combine(images, name)).FullName;
            foreach (string file in Files(Sample("parts", name)).Take(ImagesOfAClass))
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
        }

        string run = Path.GetDirectoryName(Model)!;
        string[] train = ["train", images, "--effort", "quick", "--threads", "1", "--out", run];
        await Programs.RunAsync(Folder, "dotnet", [Command, .. train]);
        Pictures = [.. DrawPictures()];
        using Predictor predictor = Predictor.Load(Model);
        (Card, Answers) = (predictor.Card, [.. Pictures.Select(predictor.Predict)]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The input tensor that Graft makes of a picture.</summary>
    internal byte[] Tensor(string picture) => new Preprocessor(Card.Preprocessing).Render(picture);

    private IEnumerable<string> DrawPictures()
    {
        yield return Files(Sample("parts", "bolt"))[^1];
        yield return Files(Sample("parts", "gear"))[^1];
        yield return Files(Sample("parts", "washer"))[0]; // of no class
        foreach (string several in Files(Sample("assemblies", "images")).Take(4))
        {
            yield return several;
        }

        using Image part = Image.NewFromFile(Files(Sample("parts", "nut"))[^1]);
        using Image wide = part.Resize(5, vscale: 3.5, kernel: Enums.Kernel.Cubic);
        yield return Written("large.jpg", path => wide.Jpegsave(path, q: 92));
        using Image huge = part.Resize(12, kernel: Enums.Kernel.Cubic);
        yield return Written("huge.jpg", path => huge.Jpegsave(path, q: 92));
        yield return Written("large.png", path => wide.Pngsave(path));
        using Image turned = wide.Mutate(image => image.Set(GValue.GIntType, "orientation", Sideways));
        yield return Written("turned.jpg", path => turned.Jpegsave(path, q: 92));
        using Image opacity = (Image.Xyz(part.Width, part.Height)[0] * 1.3).Cast(Enums.BandFormat.Uchar);
        using Image transparent = part.Bandjoin(opacity);
        yield return Written("transparent.png", path => transparent.Pngsave(path));
    }

    private string Written(string name, Action<string> write)
    {
        string path = Path.Combine(Folder, name);
        write(path);
        return path;
    }

    private static string Sample(params string[] parts) => Path.Combine([SharedData.Root, "samples", .. parts]);

    private static string[] Files(string folder) => [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];
}
