using System.Text.Json;
using Graft.Onnx;

namespace Graft.Cli.Tests.Verbs;

[Collection(nameof(UserFolder))]
public sealed class BodiesImportTests(UserFolder user)
{
    [Fact]
    public void An_import_says_what_it_found_and_why_and_the_name_can_be_used()
    {
        string path = user.Folder.Write("net.onnx", Classifier().ToBytes());

        Outcome outcome = Cli.Run(
            "bodies",
            "import",
            path,
            "--name",
            "mine",
            "--input-recipe",
            "half",
            "--licence",
            "MIT"
        );

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("is now the body 'mine'", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(
            "'x', N x 3 x H x W, 16 x 16 pixels, float32, batch free",
            outcome.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("stated: (x - 127.5) / 127.5 of 0..255, RGB", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(
            "'a', 4 x 16 x 16: the last feature map before the classifier",
            outcome.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("possible from every cut point", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nmine +12 .* 4 +16 x 16 +imported +MIT\n", Cli.Run("bodies").Output);
        JsonElement cuts = JsonDocument.Parse(Cli.Run("cuts", "mine", "--json").Output).RootElement;
        Assert.Equal("a", cuts.GetProperty("features").GetString());
    }

    [Fact]
    public void An_import_without_a_recipe_asks_for_it_and_lists_the_choices()
    {
        string path = user.Folder.Write("other.onnx", Classifier().ToBytes());

        Outcome outcome = Cli.Run("bodies", "import", path);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        string line = Assert.Single(outcome.ErrorLines);
        Assert.Contains("input transform: imagenet", line, StringComparison.Ordinal);
        Assert.EndsWith("(--input-recipe)", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segmenter_is_refused_with_the_option_that_names_where_its_body_ends()
    {
        OnnxModel model = Classifier();
        model.Graph.Output.Clear();
        model.Graph.Initializer.Add(TensorValues.FromSingles("places.weight", [2, 4, 1, 1], new float[8]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Conv",
                Input = { "a", "places.weight" },
                Output = { "places" },
            }
        );
        model.Graph.Output.Add(new ValueInfoProto { Name = "places" });
        string path = user.Folder.Write("segmenter.onnx", model.ToBytes());

        Outcome refused = Cli.Run("bodies", "import", path, "--input-recipe", "half");
        Outcome named = Cli.Run("bodies", "import", path, "--input-recipe", "half", "--features", "a");

        string line = Assert.Single(refused.ErrorLines);
        Assert.Contains("it is no classifier: its output 'places' is 2 x 16 x 16", line, StringComparison.Ordinal);
        Assert.EndsWith("name the edge where the body ends (--features)", line, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Done, ""), (named.Code, named.Error));
    }

    [Theory]
    [InlineData("model-bytes=100", "more than the limit of 100")]
    [InlineData("model-nodes=3", "4 nodes, more than the limit of 3")]
    public void A_file_over_a_limit_is_bad_input_and_is_not_stored(string limit, string reason)
    {
        string path = user.Folder.Write("heavy.onnx", Classifier().ToBytes());

        Outcome outcome = Cli.Run("bodies", "import", path, "--input-recipe", "half", "--limit", limit);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains(reason, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain("heavy", Cli.Run("bodies").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistyped_verb_of_bodies_is_answered_with_the_one_that_was_meant() =>
        Assert.StartsWith(
            "graft: 'imprt' is no verb of `graft bodies`: did you mean 'import'?\n",
            Cli.Run("bodies", "imprt").Error,
            StringComparison.Ordinal
        );

    // x → conv 1x1, 4 channels → global pool → 5 classes.
    private static OnnxModel Classifier()
    {
        OnnxModel model = OnnxModel.Create("classifier");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, 16, 16]));
        model.Graph.Initializer.Add(
            TensorValues.FromSingles("w", [4, 3, 1, 1], [.. Enumerable.Range(0, 12).Select(i => i / 12f)])
        );
        model.Graph.Initializer.Add(
            TensorValues.FromSingles("fc", [5, 4], [.. Enumerable.Range(0, 20).Select(i => i / 20f)])
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Conv",
                Input = { "x", "w" },
                Output = { "a" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "GlobalAveragePool",
                Input = { "a" },
                Output = { "b" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { "b" },
                Output = { "c" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "c", "fc" },
                Output = { "logits" },
            }.WithAttribute("transB", 1)
        );
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        return model;
    }
}
