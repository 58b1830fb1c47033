using System.Security.Cryptography;
using Graft.Explanation;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.AspNetCore;

/// <summary>
/// Explains the answers of one loaded file. It takes as much memory as the network, so it is loaded when it is first
/// asked for.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="hash">SHA-256 of the file that answers, in small hexadecimal digits.</param>
/// <param name="options">How the network is loaded.</param>
internal sealed class LoadedExplainer(string path, string hash, PredictorOptions options) : IDisposable
{
    private readonly Lock _loading = new();
    private Explainer? _explainer;
    private OnnxException? _refusal; // of a network without feature maps: it stays one

    /// <summary>Loads it, or gives what was loaded.</summary>
    /// <exception cref="GraftException">The network has no feature maps, or the file has changed.</exception>
    public Explainer Get()
    {
        lock (_loading)
        {
            return _refusal is not null ? throw new NoExplanationException(_refusal) : _explainer ??= Load();
        }
    }

    public void Dispose() => _explainer?.Dispose();

    private Explainer Load()
    {
        byte[] bytes = LoadedModel.Read(path);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != hash)
        {
            throw new GraftException($"'{path}' has changed since it was loaded; its answers cannot be explained");
        }

        try
        {
            return Explainer.Load(bytes, path, options);
        }
        catch (OnnxException error)
        {
            _refusal = error;
            throw new NoExplanationException(error);
        }
    }
}
