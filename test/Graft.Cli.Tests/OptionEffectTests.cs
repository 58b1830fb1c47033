using System.CommandLine;
using Graft.Cli.Verbs;
using Graft.Training;

namespace Graft.Cli.Tests;

/// <summary>Every option has an effect somewhere, and is refused where it has none.</summary>
public sealed class OptionEffectTests : IDisposable
{
    private const string Machine = " --threads 2 --limit pixels=1000";
    private const string Reading = " --layout parts --encoding windows-1252 --group-by folder --crop-boxes";
    private const string Features =
        " --views fresh --pooling flatten --balance sampling --validation-share 0.2 --test-share 0.3"
        + " --rejected-limit 0.5 --seed 2 --engine torch --decode-threads 3 --skip-empty-classes";
    private const string Run = " --max-error 1% --seeds 2 --out r --json";

    // Lines in which each of their options has an effect.
    private static readonly (string Verb, string[] Lines)[] s_effective =
    [
        (
            "train",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --body resnet18 --weights w.pth --cache-limit 1GB --checkpoint-minutes 1",
                "x --from m.onnx --effort best",
                "x --config FILE --pull",
                "x --epochs 5 --train 0.5 --head-rate 0.1 --quarter-decay 0.5 --search none --unfreeze progressive"
                    + " --batch 8 --co-tuning 2.3 --target-accuracy 0.9 --budget 5m --rows int8",
                "x --body-rate 0.1 --search deep",
                "x --unfreeze once --search auto --start zero --effort normal --rows auto --dropout 0.5",
                "x --head 64 --dropout 0.3 --start random --head-optimizer adam --head-epochs 3"
                    + " --head-training-rate 0.1",
                "x" + Reading + Features + Machine + Run,
            ]
        ),
        (
            "probe",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --body resnet18 --weights w.pth --cache-limit 1GB",
                "x --from m.onnx --effort best",
                "x --config FILE --pull",
                "x" + Reading + Features.Replace("fresh", "3", StringComparison.Ordinal) + Machine + Run,
            ]
        ),
        (
            "rates",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --body resnet18 --weights w.pth --cache-limit 1GB",
                "x --train 0 --head-optimizer adam",
                "x --head 64 --dropout 0.3 --start random --quarter-decay 0.5 --batch 8 --rows int8",
                "x --plot p.svg --json" + Reading + Features + Machine,
            ]
        ),
        ("resume", ["r --images x --decode-threads 2 --checkpoint-minutes 1 --json"]),
        (
            "evaluate",
            [
                "m x --split test --split-file s.csv --against o.onnx --rejected-limit 0.5 --skip-empty-classes --json"
                    + Reading
                    + Machine,
            ]
        ),
        ("predict", ["m x --top 2 --recursive --json" + Machine, "m x --no-recursive"]),
        (
            "doctor",
            ["x --body resnet18 --weights w.pth --fit pad --report r.html --write-ignore --json" + Reading + Machine]
        ),
        ("data", []),
        ("data convert", ["x y --to csv --skip-empty-classes --limit pixels=1000" + Reading]),
        ("check", ["--json"]),
        ("bodies", ["--json"]),
        ("bodies list", ["--json"]),
        ("bodies pull", ["resnet18 --mirror http://localhost"]),
        ("bodies add", []),
        (
            "bodies import",
            [
                "a.onnx --name n --input-recipe half --features e --licence MIT --limit model-nodes=9 --replace"
                    + " --json",
            ]
        ),
        ("cuts", ["resnet18 --size 96 --json"]),
        ("cache", ["--json"]),
        ("cache clear", []),
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Verbs => [.. AllVerbs(CommandLine.Root()).Select(verb => verb.FullName)];

    /// <summary>The flag that has no effect, and a line that it stands in.</summary>
    public static TheoryData<string, string> Unused =>
        new()
        {
            { "--body", "train x --from m.onnx --body efficientnet_lite0" },
            { "--size", "train x --from m.onnx --size 96" },
            { "--weights", "train x --body a.onnx --weights w.pth" },
            { "--weights", "probe x --body a.onnx --weights w.pth" },
            { "--weights", "rates x --body a.onnx --weights w.pth" },
            { "--weights", "doctor x --body a.onnx --weights w.pth" },
            { "--input-recipe", "train x --input-recipe nosuch.json" },
            { "--input-recipe", "probe x --body resnet18 --input-recipe half" },
            { "--effort", "probe x --effort quick --views 2" },
            { "--effort", "train x --effort best --views 2 --epochs 0" },
            { "--effort", "train x --effort best --views 2 --search none" },
            { "--views", "probe x --views fresh" },
            { "--views", "train x --effort quick --views fresh" },
            { "--head", "train x --effort quick --head 64" },
            { "--head", "train x --start probe --head auto" },
            { "--head", "train x --from m.onnx --head auto" },
            { "--dropout", "train x --head linear --dropout 0.5" },
            { "--dropout", "train x --from m.onnx --dropout 0.3" },
            { "--dropout", "rates x --dropout 0.3" },
            { "--start", "train x --effort quick --start zero" },
            { "--head-epochs", "train x --effort quick --head-epochs 3" },
            { "--head-optimizer", "train x --head linear --head-optimizer rmsprop" },
            { "--head-optimizer", "train x --head-epochs 0 --head-optimizer adam" },
            { "--head-optimizer", "rates x --head-optimizer adam" },
            { "--head-training-rate", "train x --head linear --head-training-rate 0.1" },
            { "--epochs", "train x --effort quick --epochs 3" },
            { "--epochs", "train x --train 0 --epochs 3" },
            { "--train", "train x --epochs 0 --train 0.5" },
            { "--head-rate", "train x --epochs 0 --head-rate 0.1" },
            { "--body-rate", "train x --train 0 --body-rate 0.1" },
            { "--search", "train x --epochs 0 --search auto" },
            { "--search", "train x --train 0.5 --body-rate 0.1 --search deep" },
            { "--search", "train x --epochs 1 --search deep" },
            { "--unfreeze", "train x --epochs 0 --unfreeze progressive" },
            { "--unfreeze", "train x --epochs 0 --unfreeze once" },
            { "--quarter-decay", "train x --epochs 0 --quarter-decay 0.7" },
            { "--quarter-decay", "rates x --train 0 --quarter-decay 0.5" },
            { "--batch", "train x --effort quick --batch 32" },
            { "--batch", "train x --epochs 0 --head-epochs 0 --batch 8" },
            { "--co-tuning", "train x --epochs 0 --co-tuning 2" },
            { "--target-accuracy", "train x --effort quick --target-accuracy 0.9" },
            { "--budget", "train x --effort quick --budget 5m" },
            { "--rows", "train x --epochs 0 --rows auto" },
            { "--rows", "rates x --train 0 --rows int8" },
            { "--checkpoint-minutes", "train x --effort quick --checkpoint-minutes 3" },
            { "--cache-limit", "train x --no-cache --cache-limit 1GB" },
            { "--pull", "train x --pull --from m.onnx" },
            { "--pull", "train x --pull --weights w.pth" },
            { "--pull", "probe x --pull --body a.onnx" },
            { "--group-by", "evaluate m x --group-by patient-(.)" },
            { "--group-by", "data convert x y --group-by patient-(.)" },
            { "--limit", "data convert x y --limit model-nodes=9" },
            { "--limit", "bodies import a.onnx --limit pixels=9" },
            { "--split-file", "evaluate m x --split all --split-file s.csv" },
            { "--json", "cache --json clear" },
            { "--json", "bodies --json list" },
        };

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
        string[] lines = s_effective.Single(one => one.Verb == name).Lines;

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
    public void Each_option_of_a_training_changes_what_is_read(string name, bool isTuning, bool isFinding)
    {
        TrainingFlags flags = new(isTuning, isFinding);
        Verb verb = new(name, "");
        flags.AddTo(verb);

        HashSet<string> changing = [];
        foreach (string line in s_effective.Single(one => one.Verb == name).Lines)
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
        IEnumerable<(string Verb, string Flag)> tried = Unused.Select(row =>
            (VerbOf(row.Data.Item2), row.Data.Item1)
        );
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
        s_effective.Select(one => one.Verb).Where(verb => line.StartsWith(verb + " ", StringComparison.Ordinal)).Last();

    private static IEnumerable<Verb> AllVerbs(Command command) =>
        command.Subcommands.OfType<Verb>().SelectMany(verb => AllVerbs(verb).Prepend(verb));
}
