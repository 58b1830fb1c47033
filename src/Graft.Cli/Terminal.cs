using System.Text;
using Graft.Cli.Views;
using Spectre.Console;

namespace Graft.Cli;

/// <summary>
/// Where a command writes: results to <see cref="Output"/>, errors and progress to <see cref="Error"/>; always UTF-8
/// without a byte order mark.
/// </summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>Columns for output that goes into a file or a pipe: wide, so that no line is broken.</summary>
    public const int PipeWidth = 160;

    private const int FieldColumn = 10; // "Accuracy: "

    private readonly Lazy<IAnsiConsole> _outputConsole;
    private readonly Lazy<IAnsiConsole> _errorConsole;

    /// <param name="isOutputLive">Output goes to a screen that understands escape sequences.</param>
    public Terminal(
        TextWriter output,
        TextWriter error,
        bool isOutputLive = false,
        bool isErrorLive = false,
        int width = PipeWidth,
        bool hasColour = false
    )
    {
        Output = output;
        Error = error;
        Progress = error;
        IsOutputLive = isOutputLive;
        IsErrorLive = isErrorLive;
        Width = width;
        HasColour = hasColour;
        _outputConsole = new(() => Console(output, isOutputLive));
        _errorConsole = new(() => Console(error, isErrorLive));
    }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    /// <summary>Progress of a run that is no screen: standard error, or where a test listens.</summary>
    public TextWriter Progress { get; init; }

    /// <summary>Opens standard input.</summary>
    public Func<Stream> Input { get; init; } = System.Console.OpenStandardInput;

    public bool IsOutputLive { get; }

    public bool IsErrorLive { get; }

    /// <summary>In columns, when the command began.</summary>
    public int Width { get; }

    /// <summary>In columns, at the moment.</summary>
    public int CurrentWidth => Measure?.Invoke() ?? Width;

    /// <summary>Measures the screen; null: its width does not change.</summary>
    public Func<int>? Measure { get; init; }

    public bool HasColour { get; }

    /// <summary>
    /// <see cref="Output"/> with tables; made when first asked for, because a start without it is faster.
    /// </summary>
    public IAnsiConsole OutputConsole => _outputConsole.Value;

    public IAnsiConsole ErrorConsole => _errorConsole.Value;

    public static Terminal OfProcess()
    {
        bool isDumb = Environment.GetEnvironmentVariable("TERM") is "dumb";
        bool isOutputLive = !System.Console.IsOutputRedirected && !isDumb;
        bool isErrorLive = !System.Console.IsErrorRedirected && !isDumb;
        bool hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")); // no-color.org
        if (OperatingSystem.IsWindows())
        {
            System.Console.OutputEncoding = Encoding.UTF8;
        }

        return new(
            Writer(System.Console.OpenStandardOutput()),
            Writer(System.Console.OpenStandardError()),
            isOutputLive,
            isErrorLive,
            isOutputLive || isErrorLive ? ScreenWidth() : PipeWidth,
            hasColour
        )
        {
            Measure = isOutputLive || isErrorLive ? ScreenWidth : null,
        };
    }

    /// <summary>Writes a label and a text beside it; on a screen in lines of its width.</summary>
    public void WriteField(string label, string text)
    {
        IEnumerable<string> lines = IsOutputLive
            ? WrappedText.Labelled(label, text, FieldColumn, CurrentWidth)
            : [label.PadRight(FieldColumn) + text];
        foreach (string line in lines)
        {
            Output.WriteLine(line);
        }
    }

    public void Dispose()
    {
        Output.Flush();
        Error.Flush();
    }

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };

    private static int ScreenWidth()
    {
        try
        {
            return System.Console.WindowWidth is > 20 and int width ? width : 80;
        }
        catch (Exception error) when (error is IOException or PlatformNotSupportedException)
        {
            return 80; // a terminal that does not know its size
        }
    }

    private IAnsiConsole Console(TextWriter writer, bool isLive)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isLive ? AnsiSupport.Yes : AnsiSupport.No,
                ColorSystem = isLive && HasColour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = isLive ? InteractionSupport.Yes : InteractionSupport.No,
                // build servers are pipes, not terminals
                Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            }
        );
        console.Profile.Width = isLive ? Width : PipeWidth;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
