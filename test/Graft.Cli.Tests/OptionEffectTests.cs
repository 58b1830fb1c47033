using System.CommandLine;
using Graft.Cli.Verbs;
using Graft.Training;

namespace Graft.Cli.Tests;

/// <summary>Every option has an effect somewhere, and is refused where it has none.</summary>
public sealed class OptionEffectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Verbs => [.. AllVerbs(CommandLine.Root()).Select(verb => verb.FullName)];

    /// <summary>The flag that has no effect, and a line that it stands in.</summary>
    public static TheoryData<string, string> Unused => OptionLines.Unused;

    /// <summary>The lines of the verbs that read a file of options.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> UnusedInFile =>
        Unused.Where(row => row.Data.Item2.Split(' ')[0] is "train" or "probe");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Each_option_of_a_verb_has_a_line_in_which_it_is_taken(string name)
    {
        RootCommand root = CommandLine.Root();
        Verb verb = AllVerbs(root).Single(one => one.FullName == name);
        string config = _folder.Write("empty.yaml", "seed: 3\n"u8.ToArray());
        string[] lines = OptionLines.Effective.Single(one => one.Verb == name).Lines;

        HashSet<string> taken = [];
        foreach (string line in lines)
        {
            string[] words = $"{name} {line}".Replace("FILE", config, StringComparison.Ordinal).Split(' ');
            ParseResult parsed = root.Parse(words);
            Assert.Null(UsageProblem.Find(parsed));
            Assert.Empty(UnusedFlags.Find(parsed));
            verb.Check?.Invoke(parsed);
            taken.UnionWith(verb.Options.Where(parsed.IsGiven).Select(option => option.Name));
        }

        Assert.Equal(verb.Options.Select(option => option.Name).Order(), taken.Order());
    }

    [Theory]
    [InlineData("train", true, false)]
    [InlineData("probe", false, false)]
    [InlineData("rates", true, true)]
    [InlineData("extract", true, false, true)]
    [InlineData("plan", true, false, false, true)]
    public void Each_option_of_a_training_changes_what_is_read(
        string name,
        bool isTuning,
        bool isFinding,
        bool isExtracting = false,
        bool isPlanning = false
    )
    {
        TrainingFlags flags = new(isTuning, isFinding, isExtracting, isPlanning);
        Verb verb = new(name, "");
        flags.AddTo(verb);

        HashSet<string> changing = [];
        foreach (string line in OptionLines.Effective.Single(one => one.Verb == name).Lines)
        {
            string[] given =
            [
                .. line.Split(" --")[1..].Select(option => "--" + option).Where(option => IsOf(verb, option)),
            ];
            TrainingOptions all = Read(given);
            changing.UnionWith(
                given.Where(option => Read([.. given.Where(other => other != option)]) != all).Select(NameOf)
            );
        }

        Assert.Equal(verb.Options.Select(option => option.Name).Except(["--help"]).Order(), changing.Order());

        // what is refused without the option that is left out has no other value
        TrainingOptions Read(string[] options)
        {
            try
            {
                return flags.Read(verb.Parse(string.Join(' ', options).Split(' ')));
            }
            catch (UsageException)
            {
                return new() { Seed = -1 };
            }
        }
    }

    [Theory]
    [MemberData(nameof(Unused))]
    public void An_option_without_effect_is_refused(string flag, string line)
    {
        Outcome outcome = Cli.Run(line.Split(' '));

        Assert.Equal((ExitCode.BadUsage, ""), (outcome.Code, outcome.Output));
        Assert.Matches($"'{flag}' cannot be [^:]+: it (has no effect|belongs)", outcome.ErrorLines[0]);
    }

    [Theory]
    [MemberData(nameof(UnusedInFile))]
    public void An_option_without_effect_is_refused_in_a_file_too(string flag, string line)
    {
        string[] words = line.Split(' ');
        string yaml = string.Join(
            "\n",
            string.Join(' ', words[2..])
                .Split("--", StringSplitOptions.RemoveEmptyEntries)
                .Select(option => option.Trim().Split(' '))
                .Select(option => $"{option[0]}: {option.ElementAtOrDefault(1) ?? "true"}")
        );

        string path = _folder.Write("options.yaml", System.Text.Encoding.UTF8.GetBytes($"images: x\n{yaml}\n"));

        Outcome outcome = Cli.Run(words[0], "--config", path);

        Assert.Equal((ExitCode.BadUsage, ""), (outcome.Code, outcome.Output));
        Assert.Contains($"'{flag}' cannot be used: it ", outcome.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_rule_is_tried()
    {
        IEnumerable<(string Verb, string Flag)> tried = Unused.Select(row => (VerbOf(row.Data.Item2), row.Data.Item1));
        IEnumerable<string> flags = OptionRules
            .All.Select(rule => OptionFlags.Of(rule.Property))
            .Where(name => name.StartsWith("--", StringComparison.Ordinal));

        Assert.Empty(flags.Except(tried.Select(row => row.Flag)));
        Assert.Empty(UnusedFlags.Known.SelectMany(rule => rule.Verbs, (rule, verb) => (verb, rule.Flag)).Except(tried));
    }

    [Theory]
    [InlineData("train x --effort quick --views 0 --epochs 0 --head-epochs 0 --head linear")]
    [InlineData("train x --train 0 --epochs 0")]
    [InlineData("train x --epochs 0 --search none")]
    [InlineData("train x --effort best --search deep")]
    [InlineData("train x --batch 8 --head linear")]
    [InlineData("probe x --effort normal --views 3")]
    public void A_value_that_says_what_happens_anyway_is_taken(string line) =>
        Assert.Equal(ExitCode.BadInput, Cli.Run(line.Split(' ')).Code); // there is no 'x'

    private static string NameOf(string option) => option.Split(' ')[0];

    private static bool IsOf(Verb verb, string option) => verb.Options.Any(one => one.Name == NameOf(option));

    private static string VerbOf(string line) =>
        OptionLines
            .Effective.Select(one => one.Verb)
            .Last(verb => line.StartsWith(verb + " ", StringComparison.Ordinal));

    private static IEnumerable<Verb> AllVerbs(Command command) =>
        command.Subcommands.OfType<Verb>().SelectMany(verb => AllVerbs(verb).Prepend(verb));
}
