namespace Graft.Cli.Verbs;

/// <summary>graft data: work on sets of images.</summary>
internal static class DataVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "data",
            "Works on sets of images without training on them.",
            "graft data convert export.zip photos --to folders"
        )
        {
            Work = (_, _, _) => throw new UsageException("'graft data' needs a command: convert"),
        };
        verb.Subcommands.Add(ConvertVerb.Create());
        return verb;
    }
}
