using System.Runtime.InteropServices;

namespace Graft.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks the work to end well, the second ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TextWriter _error;

    public Interruption(TextWriter error)
    {
        _error = error;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            return; // the system's own way: the process ends
        }

        context.Cancel = true;
        _error.WriteLine("graft: stopping; the best so far is kept. Press Ctrl-C again to end at once");
        _source.Cancel();
    }
}
