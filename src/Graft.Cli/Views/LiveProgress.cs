using Graft.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Graft.Cli.Views;

/// <summary>
/// Progress for a screen: one bar for the phase at work, and above it a line for each thing that has happened.
/// </summary>
internal sealed class LiveProgress : IProgress<TrainingEvent>
{
    private readonly IAnsiConsole _console;
    private readonly ProgressContext _context;
    private readonly PhaseRate _rate = new(TimeProvider.System);
    private readonly Lock _gate = new();
    private (string Phase, ProgressTask Task)? _current;

    private LiveProgress(IAnsiConsole console, ProgressContext context)
    {
        _console = console;
        _context = context;
    }

    public static T Run<T>(IAnsiConsole console, Func<IProgress<TrainingEvent>, T> work)
    {
        Progress progress = console
            .Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 24 },
                new PercentageColumn(),
                new RateColumn()
            );
        progress.ExcludeVerticalPadding = true;
        progress.RefreshRate = TimeSpan.FromMilliseconds(200);
        T? result = default;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        progress.Start(context =>
        {
            try
            {
                result = work(new LiveProgress(console, context));
            }
#pragma warning disable CA1031 // rethrown below, when the bar is gone
            catch (Exception error)
#pragma warning restore CA1031
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(error);
            }
        });
        failure?.Throw();
        return result!;
    }

    public void Report(TrainingEvent value)
    {
        lock (_gate)
        {
            if (value is Progressed progress)
            {
                Show(progress);
                return;
            }

            if (value is PhaseStarted or PhaseEnded)
            {
                End();
            }

            if (EventText.Of(value) is string line)
            {
                _console.Write(new Text(line + "\n", StyleOf(value)));
            }
        }
    }

    private void Show(Progressed progress)
    {
        if (_current is not { } current || current.Phase != progress.Phase)
        {
            End();
            current = (
                progress.Phase,
                _context.AddTask(Markup.Escape(progress.Phase), autoStart: true, maxValue: Math.Max(1, progress.Total))
            );
            _current = current;
        }

        (double perSecond, TimeSpan left) = _rate.Of(progress);
        current.Task.MaxValue = Math.Max(1, progress.Total);
        current.Task.Value = Math.Min(progress.Done, progress.Total);
        current.Task.Tag = perSecond > 0 ? $"{perSecond:0.0} {progress.Unit}/s, {EventText.Duration(left)} left" : "";
    }

    private void End()
    {
        if (_current is { } current)
        {
            current.Task.StopTask();
            _context.RemoveTask(current.Task);
            _current = null;
        }
    }

    private static Style StyleOf(TrainingEvent value) =>
        value switch
        {
            PhaseStarted => new Style(decoration: Decoration.Bold),
            Notice { IsWarning: true } => new Style(Color.Yellow),
            _ => Style.Plain,
        };

    private sealed class RateColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Tag as string ?? "");
    }
}
