using System.CommandLine;
using System.Text.Json;

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
    public void The_help_of_a_training_fits_45_lines_of_100_columns()
    {
        string[] lines = Cli.Run("train", "--help").Output.TrimEnd().Split('\n');

        Assert.InRange(lines.Length, 1, 45);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 100));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("probe")]
    [InlineData("rates")]
    public void All_options_are_shown_in_groups_where_they_are_asked_for(string name)
    {
        Outcome outcome = Cli.Run(name, "--help-all");

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.All(All(CommandLine.Root()).Single(verb => verb.FullName == name).Options, option =>
            Assert.Contains("\n  " + option.Name, outcome.Output, StringComparison.Ordinal)
        );
        Snapshot.Match(name + "-all", outcome.Output);
    }

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help train", "train --help")]
    [InlineData("help bodies pull", "bodies pull --help")]
    public void Help_is_a_verb_too(string line, string flag) =>
        Assert.Equal(Cli.Run(flag.Split(' ')), Cli.Run(line.Split(' ')));

    [Fact]
    public void Every_verb_that_works_prints_json_where_it_is_asked_for()
    {
        // data has no work of its own
        Assert.All(All(CommandLine.Root()).Where(verb => verb.FullName != "data"), verb =>
            Assert.Contains("--json", verb.Options.Select(option => option.Name))
        );
    }

    [Theory]
    [InlineData("help --json", "verbs", "train")]
    [InlineData("help bodies --json", "verbs", "pull")]
    [InlineData("help train --json", "options", "--dry-run")]
    [InlineData("help train --json", "arguments", "FOLDER")]
    public void Help_for_programs_is_one_json_document(string line, string list, string name)
    {
        using JsonDocument help = JsonDocument.Parse(Cli.Run(line.Split(' ')).Output);

        Assert.Contains(
            name,
            help.RootElement.GetProperty(list).EnumerateArray().Select(one => one.GetProperty("name").GetString())
        );
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
    public void The_version_is_three_numbers()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", Cli.Run("--version").Output);
        Assert.Equal(Cli.Run("--version"), Cli.Run("-V"));
    }

    private static IEnumerable<Verb> All(Command command) =>
        command.Subcommands.OfType<Verb>().SelectMany(verb => All(verb).Prepend(verb));
}
