using System.Security.Cryptography;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

/// <summary>A pull stores only files with the right bytes for the right network.</summary>
public sealed class BodyPullTests : IDisposable
{
    private const string FileName = "weights.pth";

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _file = File.ReadAllBytes(SharedData.Find("weights/squeezenet1_1.fp16.safetensors"));

    private BodyStore Store => new(Path.Combine(_folder.Root, "home"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_downloaded_file_that_fits_makes_the_body()
    {
        BodyEntry entry = Entry("squeezenet1_1");
        using FileServer server = new(new Answer(_file));

        string path = Pull(server, entry);

        Assert.Equal(path, Store.WeightsOf(entry));
        Assert.Equal(_file, File.ReadAllBytes(path));
        Assert.True(NamedBodies.Load("squeezenet1_1", path).HasClassifier);
    }

    [Fact]
    public void A_file_with_the_right_hash_that_does_not_fit_the_network_is_not_kept_and_its_names_are_listed()
    {
        BodyEntry entry = Entry("resnet18");
        using FileServer server = new(new Answer(_file));

        GraftException error = Assert.ThrowsAny<GraftException>(() => Pull(server, entry));

        Assert.Contains("missing: 'conv1.weight' [64, 3, 7, 7] (nearest: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("52 unexpected: '", error.Message, StringComparison.Ordinal);
        Assert.Null(Store.WeightsOf(entry));
        Assert.Empty(Directory.GetFiles(Store.WeightsFolder(entry)));
    }

    [Fact]
    public void A_file_that_was_damaged_after_its_download_is_downloaded_again()
    {
        BodyEntry entry = Entry("squeezenet1_1");
        using FileServer server = new(new Answer(_file));
        string path = Pull(server, entry);
        Pull(server, entry);
        Assert.Single(server.Requests); // a sound file is not downloaded twice
        byte[] damaged = [.. _file];
        damaged[^1] ^= 1;
        File.WriteAllBytes(path, damaged);

        Pull(server, entry);

        Assert.Equal(_file, File.ReadAllBytes(path));
        Assert.Equal(2, server.Requests.Count);
    }

    private string Pull(FileServer server, BodyEntry entry) =>
        BodyPull.Pull(
            Store,
            entry,
            new Uri(server.Address, ".").AbsoluteUri,
            progress: null,
            new DownloadLimits { Retries = 0 },
            TestContext.Current.CancellationToken
        );

    // The catalogue's network with this file as its only known weights.
    private BodyEntry Entry(string name) =>
        NamedBodies.Find(name) with
        {
            Weights =
            [
                new KnownWeights(
                    Convert.ToHexStringLower(SHA256.HashData(_file)),
                    "test",
                    Licence: null,
                    $"https://example.org/{FileName}"
                ),
            ],
        };
}
