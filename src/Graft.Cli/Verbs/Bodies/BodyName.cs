using Graft.Training.Bodies;

namespace Graft.Cli.Verbs;

/// <summary>A --body or BODY as the user wrote it.</summary>
internal static class BodyName
{
    /// <exception cref="UsageException">It is neither an .onnx file's name nor that of an imported body or a known
    /// network; says which may have been meant.</exception>
    public static void Check(string body)
    {
        if (IsFile(body) || BodyStore.OfUser().Has(body))
        {
            return;
        }

        try
        {
            NamedBodies.Find(body);
        }
        catch (GraftException error)
        {
            throw new UsageException(error.Message);
        }
    }

    public static bool IsFile(string body) => body.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
}
