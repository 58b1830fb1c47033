using Graft.Training.Bodies;

namespace Graft.Cli.Tests;

/// <summary>The weights of the packages Graft.Weights.*, which lie beside the command and beside these tests.</summary>
[Collection(nameof(UserFolder))]
public sealed class PackagedWeightsTests : IDisposable
{
    private const string Damaged = "damaged.safetensors";

    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        File.Delete(Path.Combine(PackagedFile.Folder, Damaged));
        _folder.Dispose();
    }

    [Theory]
    [InlineData("vgg16", "CC BY 4.0", "K. Simonyan and A. Zisserman")]
    [InlineData("efficientnet_lite2", "Apache-2.0", "The TensorFlow Authors")]
    [InlineData("squeezenet1_1", "BSD-2-Clause", "F. Iandola")]
    public void A_packaged_body_needs_no_file_and_names_its_licence_and_authors(
        string name,
        string licence,
        string authors
    )
    {
        Body body = NamedBodies.Load(name, size: 64);

        Assert.Equal(NamedBodies.Find(name).PackagedWeights!.Sha256, body.Card.WeightsSha256);
        Assert.Equal(licence, body.Card.Licence);
        Assert.StartsWith(authors, body.Card.Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_says_that_packaged_weights_are_here_and_who_made_them()
    {
        string output = Cli.Run("bodies").Output;

        Assert.Matches(@"\nvgg16 .* here +CC BY 4\.0\n", output);
        Assert.Matches(@"\ntf_efficientnet_lite2 .* here +Apache-2\.0\n", output);
        Assert.Matches(@"\n  vgg16, CC BY 4\.0: K\. Simonyan and A\. Zisserman.* arXiv 1409\.1556", output);
    }

    [Fact]
    public void A_damaged_file_beside_the_program_is_refused_by_name()
    {
        BodyEntry entry = NamedBodies.Find("squeezenet1_1");
        KnownWeights weights = entry.PackagedWeights!;
        byte[] bytes = File.ReadAllBytes(weights.Packaged!.Path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(PackagedFile.Folder, Damaged), bytes);
        BodyEntry damaged = entry with
        {
            Weights = [weights with { Packaged = weights.Packaged with { Name = Damaged } }],
        };

        GraftException error = Assert.Throws<GraftException>(() => BodyLoader.FromGraft(damaged));

        Assert.Contains($"weights/{Damaged}' cannot be used: its SHA-256 is ", error.Message, StringComparison.Ordinal);
        Assert.Contains("restore the package Graft.Weights.SqueezeNet again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_package_is_missing_the_error_names_it()
    {
        BodyEntry entry = NamedBodies.Find("vgg16");
        KnownWeights weights = entry.PackagedWeights!;
        BodyEntry missing = entry with
        {
            Weights = [weights with { Packaged = weights.Packaged! with { Name = "missing.safetensors" } }],
        };

        GraftException error = Assert.Throws<Training.MissingWeightsException>(() => BodyLoader.FromGraft(missing));

        Assert.Contains("reference the package Graft.Weights.Vgg16, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_of_VGG16_needs_no_other_file_and_its_card_names_the_authors()
    {
        using Training.Tests.ToyWorld world = new(8);
        string run = Path.Combine(_folder.Root, "run");

        Outcome outcome = Cli.Run(
            "probe",
            world.Images,
            "--body",
            "vgg16",
            "--size",
            "32",
            "--views",
            "1",
            "--out",
            run
        );

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Code == ExitCode.Done ? "" : outcome.Error));
        using Prediction.Predictor predictor = Prediction.Predictor.Load(Path.Combine(run, "model.onnx"));
        Assert.Equal("CC BY 4.0", predictor.Card.Body.License);
        Assert.Contains("K. Simonyan and A. Zisserman", predictor.Card.Body.Origin, StringComparison.Ordinal);
    }
}
