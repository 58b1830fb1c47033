using Graft.Cli.Views;
using Graft.Explanation;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Cli.Verbs;

/// <summary>The files of `graft explain`.</summary>
/// <param name="explainer">The model.</param>
/// <param name="label">The class to explain; null: the most probable one of each image.</param>
/// <param name="near">The nearest training images; null: they are not asked for.</param>
/// <param name="folder">Where the files go.</param>
internal sealed class ExplainedFiles(Explainer explainer, string? label, NearFiles? near, ExplainedFolder folder)
{
    /// <summary>Explains images and writes their files; one that cannot be used fails alone.</summary>
    /// <param name="images">The images.</param>
    /// <param name="limits">What reading one image may cost.</param>
    /// <param name="isJson">Whether one JSON document is printed.</param>
    /// <param name="terminal">Receives the result.</param>
    /// <param name="cancel">Stops the work between two images.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="GraftException">A file cannot be written.</exception>
    public int Write(
        IReadOnlyList<NamedImage> images,
        DecodeLimits limits,
        bool isJson,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        List<ExplainedFile> done = [];
        foreach (NamedImage image in images)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                ExplainedFile file = Explain(image, limits, cancel);
                done.Add(file);
                if (terminal.IsOutputLive && !isJson)
                {
                    TerminalPicture.Write(file.Explanation, terminal);
                }
            }
            catch (ImageException error)
            {
                terminal.Error.WriteLine($"graft: {error.Message}");
            }
        }

        if (isJson)
        {
            WriteJson(done, terminal);
        }
        else if (done.Count > 0)
        {
            WriteTables(done, terminal);
        }

        return done.Count == images.Count ? ExitCode.Done : ExitCode.BadInput;
    }

    private ExplainedFile Explain(NamedImage image, DecodeLimits limits, CancellationToken cancel)
    {
        using Stream stream = image.Open(cancel).AsTask().GetAwaiter().GetResult();
        byte[] bytes = ImageFile.Read(stream, image.Name, limits);
        ImageExplanation explanation = explainer.Explain(bytes, image.Name, label);
        string name = folder.NameFor(image.Name);
        return new(
            image.Name,
            folder.Write(name + ".png", explanation.ToPng()),
            explanation,
            near?.Write(bytes, image.Name, folder, name) ?? []
        );
    }

    private static void WriteTables(List<ExplainedFile> files, Terminal terminal)
    {
        ResultTable table = new(["image", "class", "probability", "file"], [2]);
        foreach (ExplainedFile file in files)
        {
            table.Add(
                Printable.Text(file.Image),
                Printable.Text(file.Explanation.Label),
                $"{file.Probability:0.000}",
                Printable.Text(file.Path)
            );
        }

        table.WriteTo(terminal.OutputConsole);
        if (files.All(file => file.Near.Count == 0))
        {
            return;
        }

        ResultTable nearest = new(["image", "nearest training image", "class", "distance", "file"], [3]);
        foreach ((ExplainedFile file, NearFile one) in files.SelectMany(file => file.Near.Select(one => (file, one))))
        {
            nearest.Add(
                Printable.Text(file.Image),
                Printable.Text(one.Image.Name),
                Printable.Text(one.LabelText),
                $"{one.Image.Distance:0.000}",
                Printable.Text(one.Path)
            );
        }

        terminal.Output.WriteLine();
        nearest.WriteTo(terminal.OutputConsole);
    }

    private static void WriteJson(List<ExplainedFile> files, Terminal terminal) =>
        JsonOutput.Write(terminal.Output, json =>
        {
            json.WriteStartArray();
            foreach (ExplainedFile file in files)
            {
                json.WriteStartObject();
                json.WriteString("path", file.Image);
                json.WriteString("label", file.Explanation.Label);
                json.WriteNumber("probability", file.Probability);
                json.WriteString("file", file.Path);
                if (file.Near.Count > 0)
                {
                    json.WriteStartArray("nearest");
                    foreach (NearFile one in file.Near)
                    {
                        json.WriteStartObject();
                        json.WriteString("name", one.Image.Name);
                        JsonOutput.Texts(json, "labels", one.Image.Labels);
                        json.WriteString("sha256", one.Image.ContentHash);
                        json.WriteNumber("distance", Math.Round(one.Image.Distance, 6));
                        json.WriteString("file", one.Path);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    private sealed record ExplainedFile(
        string Image,
        string Path,
        ImageExplanation Explanation,
        IReadOnlyList<NearFile> Near
    )
    {
        public double Probability =>
            Explanation.Prediction.Scores.First(score => score.Label == Explanation.Label).Probability;
    }
}
