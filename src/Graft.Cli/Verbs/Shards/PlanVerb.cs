using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft plan FOLDER --seeds N --out STORE: the trainings of several seeds, for other processes.</summary>
internal static class PlanVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "plan",
            "Plans the trainings of several seeds for processes that share a folder: each does a share with `graft "
                + "work`, and `graft train --from-units` takes the results. Takes the options of the training.",
            "graft plan photos --seeds 5 --out store",
            "graft plan photos --seeds 5 --threads 4 --body resnet50 --out /share/store"
        );
        Argument<string> folder = new("FOLDER")
        {
            Description = ImageSource.Description,
            Arity = ArgumentArity.ZeroOrOne, // a run's options.json names it too
        };
        TrainingFlags choices = new(isTuning: true, isPlanning: true);
        Option<int?> seeds = Flag.NumberOrNone<int>(
            "--seeds",
            "N",
            "Number of trainings, 2 to 100, with seeds counted up from --seed"
        );
        seeds.Required = true;
        Option<string?> config = ConfigFile.Option();
        Option<string?> store = Flag.Text("--out", "STORE", "Folder of the plan and the results, which all share");
        store.Required = true;
        Option<bool> json = Flag.Switch("--json", "Print the plan as one JSON document");
        verb.Arguments.Add(folder);
        choices.AddTo(verb);
        Array.ForEach<Option>([seeds, config, store, json], verb.Options.Add);
        verb.Check = parsed => choices.Read(parsed, ConfigFile.Replayed(parsed.GetValue(config))?.Options);
        verb.Work = (parsed, terminal, cancel) =>
        {
            RunRecord? replayed = ConfigFile.Replayed(parsed.GetValue(config));
            string images = parsed.GetValue(folder)
                ?? replayed?.ImagesPath
                ?? throw new UsageException($"`graft {verb.FullName}` needs FOLDER");
            TrainingOptions options = choices.Read(parsed, replayed?.Options);
            int count = RunFlags.SeedCount(parsed.GetValue(seeds) ?? 0, 2);
            ImageSource.Require(images);
            PlannedUnits planned = TrainingUnits.Plan(images, parsed.GetValue(store)!, count, options, cancel);
            Write(planned, parsed.GetValue(store)!, parsed.GetValue(json), terminal);
            return ExitCode.Done;
        };
        return verb;
    }

    private static void Write(PlannedUnits planned, string store, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("store", store);
                json.WriteString("images", planned.Images);
                json.WriteNumber("firstSeed", planned.FirstSeed);
                json.WriteNumber("units", planned.Units);
                json.WriteNumber("threads", planned.Threads);
                json.WriteString("engine", planned.Engine.ToString().ToLowerInvariant());
                json.WriteEndObject();
            });
            return;
        }

        string threads = planned.Threads == 1 ? "1 thread" : $"{planned.Threads} threads";
        terminal.Output.WriteLine(
            $"{planned.Units} trainings with {threads} each are planned in '{Printable.Text(store)}'"
        );
        terminal.Error.WriteLine($"graft: do them with {Invocation.Line("work", store)}");
    }
}
