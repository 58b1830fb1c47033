using System.Security.Cryptography;
using Graft.Explanation;
using Graft.Prediction;

namespace Graft.AspNetCore;

/// <summary>
/// One loaded file. It is freed when it has been replaced and the last batch that uses it has ended.
/// </summary>
internal sealed class LoadedModel
{
    private readonly LoadedExplainer _explainer;
    private int _users = 1; // the slot that holds it

    private LoadedModel(Predictor predictor, string version, FileStamp stamp, LoadedExplainer explainer)
    {
        (Predictor, Version, Stamp) = (predictor, version, stamp);
        _explainer = explainer;
    }

    /// <summary>The network.</summary>
    public Predictor Predictor { get; }

    /// <summary>Name of this version.</summary>
    public string Version { get; }

    /// <summary>The file as it was read.</summary>
    public FileStamp Stamp { get; }

    /// <summary>Loads and checks a file.</summary>
    /// <exception cref="GraftException">The file is no usable model.</exception>
    public static LoadedModel Load(string path, ServedModelOptions options)
    {
        FileStamp stamp = FileStamp.Of(path);
        byte[] bytes = Read(path);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        // one thread a batch: several batches run at once
        PredictorOptions settings = new() { Threads = 1, Limits = options.Limits };
        return new(
            Predictor.Load(bytes, path, settings),
            options.Version ?? hash[..12],
            stamp,
            new(path, hash, settings)
        );
    }

    /// <summary>What explains this file's answers. The first call loads the network once more.</summary>
    /// <exception cref="GraftException">The network has no feature maps, or the file has changed.</exception>
    public Explainer Explainer() => _explainer.Get();

    /// <summary>Keeps the network from being freed. False: it is freed already.</summary>
    public bool TryUse()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>Ends one use; the last one frees the network.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Predictor.Dispose();
            _explainer.Dispose();
        }
    }

    /// <summary>Reads a model file.</summary>
    /// <exception cref="GraftException">The file cannot be read.</exception>
    internal static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException($"'{path}' cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}
