using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>What a training would do.</summary>
/// <param name="plan">The plan of one training.</param>
/// <param name="runFolder">The folder that it would make.</param>
/// <param name="seeds">How often it would train.</param>
/// <param name="budget">The longest time of one training; null: any.</param>
internal sealed class PlanView(TrainingPlan plan, string runFolder, int seeds, TimeSpan? budget)
{
    private const int MostClasses = 20;

    private TimeSpan Time => seeds * (budget < plan.Estimate ? budget.Value : plan.Estimate);

    /// <param name="command">The words of the command that trains.</param>
    public void Write(Terminal terminal, IReadOnlyList<string> command)
    {
        int count = plan.TrainImages + plan.ValidationImages + plan.TestImages;
        terminal.WriteField(
            "Images:",
            $"{count:N0} of {plan.Classes.Length:N0} classes: {plan.TrainImages:N0} to train, "
                + $"{plan.ValidationImages:N0} to validate, {plan.TestImages:N0} to test"
                + (plan.Rejected.Length == 0 ? "" : $"; {plan.Rejected.Length:N0} cannot be used")
        );
        terminal.WriteField("Classes:", Classes());
        terminal.WriteField(
            "Body:",
            $"{Printable.Text(plan.Body)} at {plan.InputWidth} x {plan.InputHeight}, engine "
                + plan.Engine.ToString().ToLowerInvariant()
        );
        string label = "Steps:";
        for (int i = 0; i < plan.Steps.Length; i++)
        {
            terminal.WriteField(label, $"{i + 1}. {plan.Steps[i]}");
            label = "";
        }

        string often = seeds == 1 ? "" : $" for {seeds} seeds";
        string limit = budget is TimeSpan most ? $"; the budget is {EventText.Duration(most)}" : "";
        terminal.WriteField("Time:", $"about {EventText.Duration(Time)}{often} here, with an empty cache{limit}");
        terminal.WriteField("Folder:", $"{Printable.Text(runFolder)}; nothing has been written");
        terminal.WriteField("Next:", Invocation.Line(command));
    }

    public void WriteJson(TextWriter output) => JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("run", runFolder);
            json.WriteString("task", plan.Task == Prediction.ClassificationTask.MultiLabel ? "multi" : "single");
            json.WriteStartObject("images");
            json.WriteNumber("train", plan.TrainImages);
            json.WriteNumber("validation", plan.ValidationImages);
            json.WriteNumber("test", plan.TestImages);
            json.WriteNumber("rejected", plan.Rejected.Length);
            json.WriteEndObject();
            json.WriteStartObject("classes");
            foreach ((string name, int images) in plan.Classes)
            {
                json.WriteNumber(name, images);
            }

            json.WriteEndObject();
            json.WriteString("body", plan.Body);
            JsonOutput.Numbers(json, "input", [plan.InputWidth, plan.InputHeight]);
            json.WriteString("engine", plan.Engine.ToString().ToLowerInvariant());
            json.WriteNumber("views", plan.Views);
            json.WriteString("trainsFrom", plan.TrainsFrom);
            json.WriteNumber("trainedShare", Math.Round(plan.TrainedShare, 4));
            json.WriteNumber("epochs", plan.Epochs);
            json.WriteNumber("searchedSettings", plan.SearchedSettings);
            JsonOutput.Texts(json, "steps", plan.Steps);
            json.WriteNumber("seeds", seeds);
            json.WriteNumber("seconds", Math.Round(Time.TotalSeconds));
            json.WriteEndObject();
        });

    private string Classes()
    {
        IEnumerable<string> shown = plan
            .Classes.Take(MostClasses)
            .Select(one => $"{Printable.Text(one.Label)} {one.Images:N0}");
        int left = plan.Classes.Length - MostClasses;
        return string.Join(", ", shown) + (left > 0 ? $" and {left:N0} more" : "");
    }
}
