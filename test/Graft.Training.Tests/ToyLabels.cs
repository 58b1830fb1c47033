using Graft.Infrastructure;

namespace Graft.Training.Tests;

/// <summary>Pictures of any of three textures, one over the other, or of none.</summary>
internal sealed class ToyLabels : IDisposable
{
    private static readonly string[] s_classes = ["checks", "rings", "stripes"];
    private readonly ToyWorld _world = new(imagesPerClass: 2);

    public ToyLabels(int images = 64, int seed = 1)
    {
        List<LabelledImage> all = [];
        for (int i = 0; i < images; i++)
        {
            int[] textures = [.. Enumerable.Range(0, 3).Where(texture => ((i >> texture) & 1) != 0)];
            string name = $"set/{i:000}.png";
            CountedRandom random = new((ulong)seed, RandomPurpose.View, 9, (ulong)i);
            string path = _world.Write(name, ToyWorld.Picture(textures, random, colours: false));
            all.Add(
                new([.. textures.Select(texture => s_classes[texture])], name, _ =>
                    ValueTask.FromResult<Stream>(File.OpenRead(path))
                )
            );
        }

        Images = all;
    }

    public IReadOnlyList<LabelledImage> Images { get; }

    /// <summary>The files of the images.</summary>
    public IReadOnlyList<string> Pictures => [.. Directory.GetFiles(_world.Run("set")).Order()];

    public ImageSet Set => ImageSet.CreateAsync(Images).GetAwaiter().GetResult();

    /// <summary>Writes a list of all images with their labels, and returns its path.</summary>
    public string Files() => List("all.csv", Images.Select(image => (image.Name, image.Labels.AsEnumerable())));

    /// <summary>The body's file.</summary>
    public string BodyPath => _world.BodyPath;

    /// <summary>Options of a probe only.</summary>
    public TrainingOptions Quick => new() { Body = _world.Options.Body, Effort = Effort.Quick };

    /// <summary>Writes a list of images with their labels, and returns its path.</summary>
    public string List(string name, IEnumerable<(string Name, IEnumerable<string> Labels)> images) =>
        _world.Write(
            name,
            System.Text.Encoding.UTF8.GetBytes(
                "path,labels\n"
                    + string.Concat(images.Select(image => $"{image.Name},{string.Join(';', image.Labels)}\n"))
            )
        );

    /// <summary>Options of a short training that fine-tunes.</summary>
    public TrainingOptions Options => _world.Options;

    public string Run(string name) => _world.Run(name);

    public void Dispose() => _world.Dispose();
}
