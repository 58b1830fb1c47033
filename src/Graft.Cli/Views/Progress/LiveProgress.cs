using Graft.Training;
using Spectre.Console;

namespace Graft.Cli.Views;

/// <summary>
/// Progress for a screen: one line at the bottom for the phase at work, and above it a line for each thing that has
/// happened. The screen's width may change at any time.
/// </summary>
internal sealed class LiveProgress : IProgress<TrainingEvent>, IDisposable
{
    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(1);

    private readonly IAnsiConsole _console;
    private readonly Func<int> _width;
    private readonly TimeProvider _time;
    private readonly PhaseRate _rate;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private string? _phase;
    private string? _bar;
    private long _phaseStart;
    private long _lastDrawn;
    private int _drawn; // columns of the line at the bottom; 0: there is none

    /// <param name="console">Of standard error.</param>
    /// <param name="width">Columns of the screen at the moment.</param>
    public LiveProgress(IAnsiConsole console, Func<int> width, TimeProvider time)
    {
        (_console, _width, _time, _rate) = (console, width, time, new(time));
        _timer = time.CreateTimer(_ => Beat(), null, s_heartbeat, s_heartbeat);
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
                (_phase, _bar) = ((value as PhaseStarted)?.Phase, null);
                _phaseStart = _time.GetTimestamp();
            }

            if (EventText.Of(value) is string text)
            {
                Write(text, StyleOf(value));
                Draw();
            }
        }
    }

    /// <summary>Takes the line at the bottom away.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            Erase();
            _phase = null;
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (_phase is not null)
            {
                Draw();
            }
        }
    }

    private void Show(Progressed progress)
    {
        (double perSecond, TimeSpan left) = _rate.Of(progress);
        if (_phase != progress.Phase)
        {
            (_phase, _phaseStart) = (progress.Phase, _time.GetTimestamp());
        }

        bool isFirst = _bar is null;
        string speed =
            perSecond > 0 ? $"{perSecond:0.0} {progress.Unit}/s, {EventText.Duration(left)} left" : progress.Unit;
        _bar = ProgressBar.Text(progress.Phase, progress.Done, progress.Total, speed, Columns);
        if (isFirst || _time.GetElapsedTime(_lastDrawn) >= s_shortestInterval)
        {
            Draw();
        }
    }

    private int Columns => Math.Max(_width() - 1, 10); // the last column would break the line

    private void Write(string text, Style style)
    {
        Erase();
        (string label, string rest) = EventText.Split(text);
        foreach (string line in WrappedText.Labelled(label, rest, EventText.PhaseWidth, Columns))
        {
            _console.Profile.Width = Math.Max(line.Length, _width());
            _console.Write(new Text(line + "\n", style));
        }
    }

    private void Draw()
    {
        Erase();
        if (_phase is null)
        {
            return;
        }

        string line = _bar ?? $"{_phase} … {EventText.Duration(_time.GetElapsedTime(_phaseStart))}";
        line = line.Length > Columns ? line[..Columns] : line;
        _console.Profile.Width = Columns + 1;
        _console.Write(new Text(line));
        (_drawn, _lastDrawn) = (line.Length, _time.GetTimestamp());
    }

    // A screen that has become narrower shows the line on several rows.
    private void Erase()
    {
        if (_drawn > 0)
        {
            int above = (_drawn - 1) / Math.Max(_width(), 1);
            _console.Write(new ControlCode((above > 0 ? $"\u001b[{above}A" : "") + "\r\u001b[J"));
            _drawn = 0;
        }
    }

    private static Style StyleOf(TrainingEvent value) =>
        value switch
        {
            PhaseStarted => new Style(decoration: Decoration.Bold),
            Notice { IsWarning: true } => new Style(Color.Yellow),
            _ => Style.Plain,
        };
}
