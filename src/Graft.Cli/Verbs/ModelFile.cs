using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>An argument that names a model: an .onnx file, or the folder of a run.</summary>
internal static class ModelFile
{
    /// <summary>Describes the argument MODEL.</summary>
    public const string Description = "An .onnx file made by graft train, or the folder of a run";

    private const string Name = "model.onnx";

    /// <summary>The file: a run's folder stands for its model. Other paths are returned as they are.</summary>
    /// <exception cref="GraftException">The run has no model yet.</exception>
    public static string Of(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        string model = Path.Combine(path, Name);
        if (File.Exists(model))
        {
            return model;
        }

        return RunFolder.Exists(path)
            ? throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: its run has no model yet; "
                    + $"go on with `{Invocation.Line("resume", path)}`"
            )
            : path;
    }
}
