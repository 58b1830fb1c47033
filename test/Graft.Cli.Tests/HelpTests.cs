using System.CommandLine;

namespace Graft.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Verbs => [.. All(CommandLine.Root()).Select(verb => verb.FullName)];

    [Fact]
    public void The_program_shows_its_verbs()
    {
        Outcome outcome = Cli.Run("--help");

        Assert.Equal(ExitCode.Done, outcome.Code);
        Snapshot.Match("graft", outcome.Output);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_verb_shows_its_options_their_defaults_and_examples(string verb)
    {
        Outcome outcome = Cli.Run([.. verb.Split(' '), "--help"]);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("Examples:\n  graft " + verb, outcome.Output, StringComparison.Ordinal);
        Snapshot.Match(verb.Replace(' ', '-'), outcome.Output);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_examples_of_a_verb_are_command_lines_that_it_understands(string name)
    {
        RootCommand root = CommandLine.Root();
        Verb verb = All(root).Single(one => one.FullName == name);

        Assert.All(verb.Examples, example => Assert.Empty(root.Parse(example.Split(' ')[1..]).Errors));
    }

    [Fact]
    public void Help_fits_a_narrow_terminal()
    {
        Outcome outcome = Cli.Run(["train", "--help"], width: 60, TestContext.Current.CancellationToken);

        Assert.All(outcome.Output.Split("\nExamples:")[0].Split('\n'), line => Assert.InRange(line.Length, 0, 60));
    }

    [Fact]
    public void Without_arguments_the_help_is_shown_as_bad_usage() =>
        Assert.Equal((ExitCode.BadUsage, Cli.Run("--help").Output), (Cli.Run().Code, Cli.Run().Output));

    [Fact]
    public void The_version_is_three_numbers() => Assert.Matches(@"^\d+\.\d+\.\d+\n$", Cli.Run("--version").Output);

    private static IEnumerable<Verb> All(Command command) =>
        command.Subcommands.OfType<Verb>().SelectMany(verb => All(verb).Prepend(verb));
}
