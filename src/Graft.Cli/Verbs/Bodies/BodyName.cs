using System.CommandLine;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>A --body or BODY as the user wrote it.</summary>
internal static class BodyName
{
    private const char Separator = '\n'; // between bodies of several options: no name holds it

    /// <summary>The option --body, which may be given several times.</summary>
    public static Option<string?> Option()
    {
        Option<string?> option = Flag.Text(
            "--body",
            "NAME|FILE.onnx",
            "Pretrained network: a name (see graft bodies) or an ONNX file; NAME+NAME, or the option again, joins "
                + "several",
            new TrainingOptions().Body.Text
        );
        option.Arity = ArgumentArity.OneOrMore;
        option.AllowMultipleArgumentsPerToken = false;
        option.CustomParser = result => string.Join(Separator, result.Tokens.Select(token => token.Value));
        return option;
    }

    /// <summary>
    /// The body of that name, in that .onnx file, or in the model of that run. Between '+' are names of bodies that are
    /// joined; a whole text that is a name or a file has precedence.
    /// </summary>
    /// <exception cref="UsageException">No body has the name; the message suggests a similar one.</exception>
    public static BodySource Read(string text)
    {
        string[] texts = text.Split(Separator);
        texts =
            texts.Length == 1 && text.Contains('+') && !Path.Exists(text) && !IsKnown(text) ? text.Split('+') : texts;
        if (texts.Length > 1)
        {
            BodySource[] joined =
            [
                .. texts.Select(Read).SelectMany(one => one.Branches.Count > 0 ? one.Branches : [one]),
            ];
            return BodySource.Joined(joined[0], joined[1], joined[2..]);
        }

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
