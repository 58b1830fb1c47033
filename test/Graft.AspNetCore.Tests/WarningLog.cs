using Microsoft.Extensions.Logging;

namespace Graft.AspNetCore.Tests;

/// <summary>Tells of the first warning.</summary>
internal sealed class WarningLog : ILogger
{
    public TaskCompletionSource<string> Warned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (logLevel == LogLevel.Warning)
        {
            Warned.TrySetResult(formatter(state, exception));
        }
    }
}
