using System.Diagnostics;
using System.Text.Json;

namespace Graft.Cli.Tests.Verbs;

public sealed class CompletionVerbTests
{
    [Theory]
    [InlineData("tra", "train")]
    [InlineData("bodies pu", "pull")]
    [InlineData("bodies pull --mi", "--mirror")]
    [InlineData("train photos --effort be", "best")]
    [InlineData("train photos --eff", "--effort")]
    [InlineData("help comp", "")]
    [InlineData("train photos --out be", "")]
    public void Bash_completes_verbs_options_and_values(string line, string expected)
    {
        string script = Cli.Run("completion", "bash").Output;
        string[] words = ["graft", .. line.Split(' ')];
        string test =
            $"{script}\nCOMP_WORDS=({string.Join(' ', words)}); COMP_CWORD={words.Length - 1}; _graft; "
            + "echo \"${COMPREPLY[*]}\"";

        Assert.Equal(expected, Shell("bash", test).Trim());
    }

    [Fact]
    public void A_script_inside_json_is_the_same_script()
    {
        using JsonDocument document = JsonDocument.Parse(Cli.Run("completion", "bash", "--json").Output);

        Assert.Equal(Cli.Run("completion", "bash").Output, document.RootElement.GetProperty("script").GetString());
    }

    [Theory]
    [InlineData("zsh", "-n")]
    [InlineData("fish", "--no-execute")]
    public void Other_shells_understand_their_scripts(string shell, string check)
    {
        Outcome outcome = Cli.Run("completion", shell);
        using TemporaryFolder folder = new();
        string path = folder.Write("script", System.Text.Encoding.UTF8.GetBytes(outcome.Output));

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.Equal("", Run(shell, [check, path]));
    }

    [Fact]
    public void The_script_for_PowerShell_names_every_verb()
    {
        string script = Cli.Run("completion", "powershell").Output;

        Assert.All(CommandLine.Root().Subcommands, verb =>
            Assert.Contains($"'{verb.Name}' = @(", script, StringComparison.Ordinal)
        );
        Assert.Contains("'train --effort' = @('quick', 'normal', 'best')", script, StringComparison.Ordinal);
    }

    private static string Shell(string shell, string script) => Run(shell, ["-c", script]);

    private static string Run(string shell, string[] arguments)
    {
        try
        {
            ProcessStartInfo start = new(shell, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process process = Process.Start(start)!;
            string text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return text;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"no {shell}");
            return "";
        }
    }
}
