namespace Graft.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("trian x", "'trian' is no verb: did you mean 'train'?")]
    [InlineData("--vresion", "no option --vresion; did you mean --version?")]
    [InlineData("train x --epoch 3", "no option --epoch; did you mean --epochs?")]
    [InlineData("train x -epochs 3", "no option -epochs; did you mean --epochs?")]
    [InlineData("train x --bodi=vgg16", "no option --bodi; did you mean --body?")]
    [InlineData("train x --qqqqqqqq", "no option --qqqqqqqq of `graft train`")]
    [InlineData("probe x --epochs 3", "no option --epochs of `graft probe`")]
    [InlineData("predict m.onnx a.jpg --csv", "no option --csv; did you mean --json?")]
    [InlineData("predict --csv m.onnx a.jpg", "no option --csv; did you mean --json?")]
    [InlineData("--csv predict m.onnx a.jpg", "no option --csv; did you mean --json?")]
    [InlineData("train --lr 0.1 x", "no option --lr; did you mean --body-rate?")]
    [InlineData("train x --out --csv", "no option --csv; did you mean --json?")]
    [InlineData("--csv", "no option --csv; verbs come first, then their options")]
    [InlineData("help trian", "'trian' is no verb: did you mean 'train'?")]
    [InlineData("completion bsh", "'bsh' is no shell: did you mean 'bash'?")]
    [InlineData("train x --max-error 60%", "'--max-error' cannot be 60%: it must lie between 0 and 0.5")]
    [InlineData("train x --layer-decay 5.0", "'--layer-decay' cannot be 5.0: it must lie between 0.01 and 1")]
    [InlineData(
        "resume r --checkpoint-minutes -1",
        "'--checkpoint-minutes' cannot be -1: it must lie between 0 and 1440"
    )]
    [InlineData("train x --csv --dry-run", "no option --csv; did you mean --json?")]
    [InlineData(
        "export m.onnx --out o.onnx --max-loss 150%",
        "'--max-loss' cannot be 150%: it must lie between 0 and 1"
    )]
    [InlineData("serve m.onnx --port 70000", "'--port' cannot be 70000: it must lie between 0 and 65535")]
    [InlineData("train x --seeds 0", "'--seeds' cannot be 0: it must lie between 1 and 100")]
    [InlineData("train", "`graft train` needs FOLDER")]
    [InlineData("predict m.onnx", "`graft predict` needs FILES")]
    [InlineData("train a b", "'b' is one argument too many for `graft train`; put names with spaces into quotes")]
    [InlineData("train x --epochs", "'--epochs' needs a value: N")]
    [InlineData("train x --epochs 1 --epochs 2", "'--epochs' was given 2 times; give it once")]
    [InlineData("train x --epochs many", "'--epochs' cannot be 'many': it takes a whole number")]
    [InlineData("train x --epochs 1.5", "'--epochs' cannot be '1.5': it takes a whole number")]
    [InlineData(
        "train x --body-rate 0,01",
        "'--body-rate' cannot be '0,01': it takes a number with a point, such as 0.01"
    )]
    [InlineData("train x --head-optimizer adamm", "'--head-optimizer' cannot be 'adamm': did you mean 'adam'?")]
    [InlineData(
        "train x --head-optimizer lbfgs",
        "'--head-optimizer' cannot be 'lbfgs': it is one of sgd, rmsprop, adam, adamw"
    )]
    [InlineData("train x --head liner", "'--head' cannot be 'liner': did you mean 'linear'?")]
    [InlineData(
        "train x --head 256,-1",
        "'--head' cannot be '256,-1': it takes 'auto', 'linear' or the widths of hidden layers, such as 256 or 512,128"
    )]
    [InlineData(
        "train x --epochs -5 --dropout 3",
        "'--dropout' cannot be 3: it must lie between 0 and 0.9; '--epochs' cannot be -5: it must lie "
            + "between 0 and 1000"
    )]
    [InlineData("train x --body-rate NaN", "'--body-rate' cannot be NaN: it must lie between 1E-07 and 1")]
    [InlineData("predict m.onnx a.jpg --top 0", "'--top' cannot be 0: it must lie between 1 and 10000")]
    [InlineData("predict m.onnx a.jpg --threads -1", "'--threads' cannot be -1: it must lie between 0 and 1024")]
    [InlineData("cuts vgg16 --size 4", "'--size' cannot be 4: it must lie between 8 and 4096")]
    public void What_cannot_be_understood_is_named_and_ends_with_2(string line, string message)
    {
        Outcome outcome = Cli.Run(line.Split(' '));

        Assert.Equal((ExitCode.BadUsage, ""), (outcome.Code, outcome.Output));
        Assert.Equal($"graft: {message}", outcome.ErrorLines[0]);
        Assert.StartsWith("See graft", outcome.ErrorLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_verb_is_answered_by_the_list_of_verbs_that_there_are()
    {
        Outcome outcome = Cli.Run(["frobnicate"]);

        const string Answer = "graft: 'frobnicate' is no verb: the verbs are ";
        Assert.Equal((ExitCode.BadUsage, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith(Answer + "train, resume, probe, ", outcome.ErrorLines[0], StringComparison.Ordinal);
        Assert.All(outcome.ErrorLines[0][Answer.Length..].Split(", "), verb =>
            Assert.Equal(ExitCode.Done, Cli.Run([verb, "--help"]).Code)
        );
    }

    [Theory]
    [InlineData("train x --body vgg166")]
    [InlineData("cuts vgg166")]
    public void A_mistyped_body_is_named_with_the_one_that_was_meant(string line)
    {
        Outcome outcome = Cli.Run(line.Split(' '));

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Contains("did you mean 'vgg16'?", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_bad_input_on_one_line()
    {
        Outcome outcome = Cli.Run("train", "no\u001b[31mwhere");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Equal(
            "graft: 'no\\u001b[31mwhere' cannot be used: there is no such file or folder; correct its name\n",
            outcome.Error
        );
    }
}
