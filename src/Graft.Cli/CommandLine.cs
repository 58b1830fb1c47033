using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Graft.Cli.Verbs;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli;

/// <summary>The `graft` command: arguments in, exit code out.</summary>
internal static class CommandLine
{
    /// <summary>The environment variable that shows where an error came from.</summary>
    public const string DebugVariable = "GRAFT_DEBUG";

    // No response files and no directives: '@a.jpg' and '[a].jpg' are file names.
    private static readonly ParserConfiguration s_parsing = new()
    {
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    // In the order of their help.
    private static readonly OrderedDictionary<string, Func<Verb>> s_verbs = new()
    {
        ["train"] = TrainVerb.Create,
        ["resume"] = ResumeVerb.Create,
        ["probe"] = ProbeVerb.Create,
        ["rates"] = RatesVerb.Create,
        ["extract"] = ExtractVerb.Create,
        ["merge"] = MergeVerb.Create,
        ["plan"] = PlanVerb.Create,
        ["work"] = WorkVerb.Create,
        ["evaluate"] = EvaluateVerb.Create,
        ["predict"] = PredictVerb.Create,
        ["export"] = ExportVerb.Create,
        ["explain"] = ExplainVerb.Create,
        ["report"] = ReportVerb.Create,
        ["show"] = ShowVerb.Create,
        ["serve"] = ServeVerb.Create,
        ["studio"] = StudioVerb.Create,
        ["doctor"] = DoctorVerb.Create,
        ["data"] = DataVerb.Create,
        ["features"] = FeaturesVerb.Create,
        ["check"] = CheckVerb.Create,
        ["bodies"] = BodiesVerb.Create,
        ["cuts"] = CutsVerb.Create,
        ["cache"] = CacheVerb.Create,
        ["completion"] = CompletionVerb.Create,
        ["help"] = HelpVerb.Create,
    };

    /// <summary>Parses and runs; nothing is thrown.</summary>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancel = default)
    {
        RootCommand root = Root(args.Count > 0 ? args[0] : null);
        ParseResult parsed = root.Parse(args, s_parsing);
        bool isAll = parsed.GetResult(HelpText.AllName) is OptionResult { Implicit: false };
        if (args.Count == 0 || isAll || parsed.Action is HelpAction)
        {
            HelpText.Write(parsed.CommandResult.Command, terminal, isAll);
            return args.Count == 0 ? ExitCode.BadUsage : ExitCode.Done;
        }

        if (parsed.GetValue<bool>("--version"))
        {
            terminal.Output.WriteLine(Version);
            return ExitCode.Done;
        }

        if (
            parsed.CommandResult.Command is Verb { Parents: var parents } configured
            && parents.First() == root
            && configured.Options.FirstOrDefault(option => option.Name == ConfigFile.OptionName) is Option configuring
            && parsed.GetResult(configuring) is OptionResult { Tokens.Count: 1 } config
        )
        {
            return Configured(root, configured, config.Tokens[0].Value, args, parsed, terminal, cancel);
        }

        return (UsageProblem.Find(parsed) ?? Unused(parsed)) is string problem
            ? Refuse(problem, parsed.CommandResult.Command, terminal)
            : Work((Verb)parsed.CommandResult.Command, parsed, terminal, cancel);
    }

    // Names all that is wrong in the file and on the command line at once.
    private static int Configured(
        RootCommand root,
        Verb verb,
        string path,
        IReadOnlyList<string> args,
        ParseResult parsed,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        try
        {
            (IReadOnlyList<string> all, IReadOnlyList<string> wrong) = ConfigFile.Expand(path, args, parsed);
            ParseResult expanded = root.Parse(all, s_parsing);
            string? unfit = UsageProblem.Find(expanded);
            IEnumerable<string?> problems = unfit is null
                ? [.. wrong, .. UnusedFlags.Find(expanded), OutOfRange(verb, expanded)]
                : [.. wrong, unfit];
            return string.Join("; ", problems.OfType<string>()) is { Length: > 0 } message
                ? Refuse(message, verb, terminal)
                : Work(verb, expanded, terminal, cancel);
        }
        catch (GraftException error)
        {
            return Fail(error.Message, error, terminal);
        }
    }

    // All options without effect, and those out of their ranges where the verb finds them before its work.
    private static string? Unused(ParseResult parsed) =>
        UnusedFlags.Find(parsed).ToList() is { Count: > 0 } unused
            ? string.Join("; ", unused.Append(OutOfRange((Verb)parsed.CommandResult.Command, parsed)).OfType<string>())
            : null;

    private static string? OutOfRange(Verb verb, ParseResult parsed)
    {
        try
        {
            verb.Check?.Invoke(parsed);
            return null;
        }
        catch (UsageException error)
        {
            return error.Message;
        }
    }

    /// <summary>Major, minor and patch of this build.</summary>
    public static string Version => typeof(CommandLine).Assembly.GetName().Version!.ToString(3);

    /// <summary>
    /// All verbs. Their options are made here, their work is loaded when it is called: TorchSharp only by those that
    /// train.
    /// </summary>
    /// <param name="named">The first word: where it is a verb's name, the others are not made, whose options cost a
    /// tenth of a second.</param>
    internal static RootCommand Root(string? named = null)
    {
        RootCommand root = new(
            "Transfer learning on a folder of labelled images: from a pretrained network to one ONNX file."
        );
        root.Directives.Clear();
        root.Options.Clear();
        root.Options.Add(new HelpOption("--help", "-h", "-?") { Description = "Show this help" });
        root.Options.Add(
            new Option<bool>(HelpText.AllName) { Description = "Show all options, in groups", Recursive = true }
        );
        root.Options.Add(new Option<bool>("--version", "-V") { Description = "Show the version" });
        Func<Verb>? only = named is null ? null : s_verbs.GetValueOrDefault(named);
        foreach (Func<Verb> create in only is null ? [.. s_verbs.Values] : (Func<Verb>[])[only])
        {
            root.Subcommands.Add(create());
        }

        return root;
    }

    private static int Work(Verb verb, ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        try
        {
            return verb.Work(parsed, terminal, cancel);
        }
        catch (UsageException error)
        {
            return Refuse(error.Message, verb, terminal);
        }
        catch (OptionsException error)
        {
            return Refuse(OptionFlags.Describe(error, parsed), verb, terminal);
        }
        catch (GraftException error)
        {
            return Fail(CommandHint.Describe(error), error, terminal);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            terminal.Error.WriteLine("graft: cancelled");
            return ExitCode.Cancelled;
        }
        // the program's last line of defence: whatever it is, the user gets one line and a way to learn more
#pragma warning disable CA1031
        catch (Exception error)
#pragma warning restore CA1031
        {
            string what = Printable.Text($"{error.GetType().Name}: {error.Message}".ReplaceLineEndings(" "));
            return Fail(
                $"something went wrong that should not ({what}); set {DebugVariable}=1 to see where, and report it",
                error,
                terminal
            );
        }
    }

    private static int Fail(string message, Exception error, Terminal terminal)
    {
        string flag = OptionFlags.Hint((error as GraftException)?.Option);
        terminal.Error.WriteLine($"graft: {message.ReplaceLineEndings(" ")}{flag}");
        if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
        {
            terminal.Error.WriteLine(error);
        }

        return error is StoreException { IsPassing: true } ? ExitCode.TryAgain : ExitCode.BadInput;
    }

    private static int Refuse(string problem, Command command, Terminal terminal)
    {
        terminal.Error.WriteLine($"graft: {problem.ReplaceLineEndings(" ")}");
        string[] words = command is Verb verb ? verb.FullName.Split(' ') : [];
        terminal.Error.WriteLine($"See {Invocation.Line([.. words, "--help"])}");
        return ExitCode.BadUsage;
    }
}
