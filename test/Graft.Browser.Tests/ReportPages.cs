using Graft.Training;
using Graft.Training.Tests;

[assembly: AssemblyFixture(typeof(Graft.Browser.Tests.ReportPages))]

namespace Graft.Browser.Tests;

/// <summary>The pages that the tests look at: reports of three runs, and a doctor's page.</summary>
public sealed class ReportPages : IDisposable
{
    private readonly ToyWorld _world = new();
    private readonly ToyLabels _labels = new();
    private readonly ToyWorld _long = new();

    public ReportPages()
    {
        Trainer.Train(_world.Images, _world.Run("tuned"), _world.Options with { MaxError = 0.2 });
        Trainer.Train(_labels.Set, _labels.Run("labels"), _labels.Quick);
        Trainer.Train(LengthenNames(), _long.Run("long"), _long.Options);
        _world.Write("images/rings/empty.png", []);
        _world.Write("images/rings/copy.png", File.ReadAllBytes(Path.Combine(_world.Images, "checks", "00.png")));
        DataReport report = DataDoctor.Examine(_world.Images, new() { Body = BodySource.OnnxFile(_world.BodyPath) });
        File.WriteAllText(_world.Run("doctor.html"), DoctorPage.ToHtml(report));
    }

    /// <summary>Address of a page.</summary>
    public string Address(string name) =>
        new Uri(
            name switch
            {
                "doctor" => _world.Run("doctor.html"),
                "long" => Path.Combine(_long.Run(name), RunFolder.ReportName),
                "labels" => Path.Combine(_labels.Run(name), RunFolder.ReportName),
                _ => Path.Combine(_world.Run(name), RunFolder.ReportName),
            }
        ).AbsoluteUri;

    /// <summary>Path of a model.</summary>
    public string ModelPath => Path.Combine(_world.Run("tuned"), "model.onnx");

    /// <summary>Path of a picture of the class "checks".</summary>
    public string PicturePath => Path.Combine(_world.Images, "checks", "00.png");

    public void Dispose()
    {
        _world.Dispose();
        _labels.Dispose();
        _long.Dispose();
    }

    // Names without a place to break a line at; some labels are wrong, so that there are mistakes.
    private string LengthenNames()
    {
        string images = _long.Images;
        foreach (int number in Enumerable.Range(0, 6))
        {
            File.Move($"{images}/checks/{number:00}.png", $"{images}/rings/{new string('q', 120)}{number}.png");
        }

        Directory.Move($"{images}/checks", $"{images}/{new string('c', 90)}");
        Directory.Move($"{images}/rings", $"{images}/{new string('r', 90)}");
        string set = Path.Combine(Path.GetDirectoryName(images)!, new string('s', 90));
        Directory.Move(images, set);
        return set;
    }
}
