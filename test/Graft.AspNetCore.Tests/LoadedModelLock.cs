namespace Graft.AspNetCore.Tests;

/// <summary>A model whose users wait until it is opened.</summary>
internal sealed class LoadedModelLock(string path) : IDisposable
{
    private readonly LoadedModel _model = LoadedModel.Load(path, new());
    private int _uses;

    /// <summary>Set when somebody asks for the model.</summary>
    public ManualResetEventSlim Asked { get; } = new();

    /// <summary>Lets all users go on.</summary>
    public ManualResetEventSlim Open { get; } = new();

    /// <summary>How often it was used.</summary>
    public int Uses => _uses;

    public LoadedModel Use()
    {
        Asked.Set();
        Open.Wait();
        Interlocked.Increment(ref _uses);
        Assert.True(_model.TryUse());
        return _model;
    }

    public void Dispose()
    {
        _model.Release();
        Asked.Dispose();
        Open.Dispose();
    }
}
