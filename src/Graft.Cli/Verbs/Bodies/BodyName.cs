using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>A --body or BODY as the user wrote it.</summary>
internal static class BodyName
{
    /// <summary>The body of that name, or in that .onnx file.</summary>
    /// <exception cref="UsageException">No body has the name; the message suggests a similar one.</exception>
    public static BodySource Read(string text)
    {
        if (IsFile(text))
        {
            return BodySource.OnnxFile(text);
        }

        Check(() => BodyCatalog.NameOf(text));
        return BodySource.Named(text);
    }

    /// <summary>The body of that name.</summary>
    /// <exception cref="UsageException">No body has the name; the message suggests a similar one.</exception>
    public static BodyInfo Find(string name) => Check(() => BodyCatalog.Find(name));

    public static bool IsFile(string text) => text.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    private static T Check<T>(Func<T> find)
    {
        try
        {
            return find();
        }
        catch (GraftException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
