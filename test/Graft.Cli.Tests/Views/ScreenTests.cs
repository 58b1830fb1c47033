using System.Diagnostics;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Views;

/// <summary>The command in a real terminal whose width changes while it works.</summary>
public sealed class ScreenTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly ToyWorld _world = new(12);
    private readonly string _server = $"graft-test-{Guid.NewGuid():N}";

    public void Dispose()
    {
        if (File.Exists(_world.Run("started")))
        {
            Tmux("kill-server");
        }

        _world.Dispose();
    }

    [Theory]
    [InlineData(100, 60)]
    [InlineData(60, 40)]
    [InlineData(40, 100)]
    public async Task A_screen_that_is_resized_keeps_whole_lines_and_no_rest_of_a_bar(int width, int then)
    {
        Assert.SkipUnless(HasTmux(), "no tmux");
        string graft = Path.Combine(AppContext.BaseDirectory, "Graft.Cli");
        string script =
            $"cd '{_world.Run("")}' && '{graft}' probe images --body toy.onnx --views 8 --no-cache "
            + "--out run --threads 1; echo ended $?; sleep 300";

        _ = _world.Write("started", []);
        Tmux("new-session", "-d", "-x", $"{width}", "-y", "50", script);
        await Until("extract"); // stays on the screen, while the live line goes
        Tmux("resize-window", "-x", $"{then}", "-y", "50");
        string screen = await Until("ended");

        Assert.Contains("ended 0", screen, StringComparison.Ordinal);
        string[] lines = screen.Split('\n');
        int widest = Math.Max(width, then);
        // a path is one word, however long; libtorch writes lines of its own where NNPACK knows no such processor
        Assert.All(
            lines.Where(line => !line.Contains('/') && !line.Contains("NNPACK", StringComparison.Ordinal)),
            line => Assert.InRange(line.Length, 0, widest)
        );
        Assert.DoesNotContain("━", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("/s, ", screen, StringComparison.Ordinal);
        Assert.Single(lines, line => line.StartsWith("Accuracy:", StringComparison.Ordinal));
    }

    // All that the terminal holds, with the rows that it broke joined.
    private async Task<string> Until(string text)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string screen = "";
        while (!screen.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(watch.Elapsed < s_patience, $"'{text}' did not come: {screen}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
            screen = Tmux("capture-pane", "-p", "-J", "-S", "-");
        }

        return screen;
    }

    private string Tmux(params string[] arguments)
    {
        ProcessStartInfo start = new("tmux", ["-L", _server, "-f", "/dev/null", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["SHELL"] = "/bin/sh";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : $"tmux {arguments[0]}: {process.ExitCode} {error.Result}";
    }

    private static bool HasTmux() =>
        !OperatingSystem.IsWindows()
        && (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "tmux")));
}
