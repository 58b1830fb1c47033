using System.CommandLine;
using System.Globalization;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft features FOLDER --out FILE: the features of images as a file.</summary>
internal static class FeaturesVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "features",
            "Writes the features of images, which are the outputs of a pretrained network without its head, with their "
                + "labels to a file: for a search of similar images, for clustering, or for another library.",
            "graft features photos --out photos.parquet",
            "graft features photos.csv --body efficientnet_lite2 --out photos.safetensors --json"
        );
        Argument<string> folder = new("FOLDER") { Description = ImageSource.Description };
        FeaturesFlags flags = new();
        verb.Arguments.Add(folder);
        Array.ForEach([.. flags.All], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            (string images, string file) = (parsed.GetValue(folder)!, flags.File(parsed));
            RequireKind(file);
            ImageSource.Require(images);
            FeatureTable table = ProgressView.Run(terminal, flags.Loudness(parsed), progress =>
            {
                ImageSet set = ImageSet.Load(images, flags.Reading(parsed), progress, cancel);
                using FeatureExtractor extractor = FeatureExtractor.Create(flags.Body(parsed), flags.Read(parsed));
                return extractor.Extract(set, progress, cancel);
            });
            Save(table, file);
            Write(table, file, flags.IsJson(parsed), terminal);
            return ExitCode.Done;
        };
        return verb;
    }

    private static void RequireKind(string file)
    {
        if (Path.GetExtension(file).ToLowerInvariant() is not (FeaturesFlags.Parquet or FeaturesFlags.Safetensors))
        {
            throw new UsageException(
                $"'{FeaturesFlags.OutName}' cannot be '{Printable.Text(file)}': it must end with "
                    + $"{FeaturesFlags.Parquet} or {FeaturesFlags.Safetensors}"
            );
        }
    }

    private static void Save(FeatureTable table, string file)
    {
        try
        {
            if (Path.GetExtension(file).Equals(FeaturesFlags.Parquet, StringComparison.OrdinalIgnoreCase))
            {
                table.SaveParquet(file);
            }
            else
            {
                table.SaveSafetensors(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.Problem(file, FeaturesFlags.OutName, error);
        }
    }

    private static void Write(FeatureTable table, string file, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            JsonOutput.Write(terminal.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("file", file);
                json.WriteNumber("images", table.Count);
                json.WriteNumber("features", table.FeatureCount);
                json.WriteNumber("classes", table.Classes.Count);
                json.WriteNumber("rejected", table.Rejected.Count);
                json.WriteEndObject();
            });
            return;
        }

        terminal.Output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{table.FeatureCount:N0} features of {table.Count:N0} images are in '{Printable.Text(file)}'."
            )
        );
    }
}
