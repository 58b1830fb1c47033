using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>A --body or BODY as the user wrote it.</summary>
internal static class BodyName
{
    /// <summary>The body of that name, in that .onnx file, or in the model of that run.</summary>
    /// <exception cref="UsageException">No body has the name; the message suggests a similar one.</exception>
    public static BodySource Read(string text)
    {
        // a name of the catalogue has precedence over a folder that happens to have it
        string file = Directory.Exists(text) && !IsKnown(text) ? ModelFile.Of(text) : text;
        if (IsFile(file))
        {
            return BodySource.OnnxFile(file);
        }

        Check(() => BodyCatalog.NameOf(text));
        return BodySource.Named(text);
    }

    /// <summary>The body of that name.</summary>
    /// <exception cref="UsageException">No body has the name; the message suggests a similar one.</exception>
    public static BodyInfo Find(string name) => Check(() => BodyCatalog.Find(name));

    public static bool IsFile(string text) => text.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    private static bool IsKnown(string name)
    {
        try
        {
            BodyCatalog.NameOf(name);
            return true;
        }
        catch (GraftException)
        {
            return false;
        }
    }

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
