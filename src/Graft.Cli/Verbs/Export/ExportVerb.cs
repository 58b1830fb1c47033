using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft export MODEL --out FILE: the model in less precision.</summary>
internal static class ExportVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "export",
            "Writes a model in int8 or float16 and measures it beside the original: accuracy or mAP on the test "
                + "images, with a paired test, size and speed. Refused if it loses too much, or if int8 is not faster.",
            "graft export runs/photos --out photos-int8.onnx",
            "graft export runs/photos --precision float16 --out photos-half.onnx",
            "graft export photos.onnx --images photos --out photos-int8.onnx --max-loss 0.5%"
        );
        Argument<string> model = new("MODEL") { Description = ModelFile.Description };
        ExportFlags flags = new();
        verb.Arguments.Add(model);
        Array.ForEach([.. flags.All], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
            Run(parsed.GetValue(model)!, flags.Read(parsed), flags.Loudness(parsed), terminal, cancel);
        return verb;
    }

    private static int Run(
        string model,
        ExportRequest request,
        Loudness loudness,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        string file = ModelFile.Of(model);
        RequireOther(file, request.Path);
        ImageSplit images = ImagesOf(model, file, request, cancel);
        foreach (string line in images.Warnings)
        {
            terminal.Error.WriteLine($"graft: {line}");
        }

        ExportResult result = ProgressView.Run(terminal, loudness, progress =>
            Export(file, images, request, progress, cancel)
        );
        ExportView view = new(file, result);
        if (request.IsJson)
        {
            JsonOutput.Write(terminal.Output, writer => view.ToJson().WriteTo(writer));
        }
        else
        {
            view.Write(terminal.Output);
        }

        return ExitCode.Done;
    }

    private static ExportResult Export(
        string file,
        ImageSplit images,
        ExportRequest request,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        try
        {
            return ModelExporter.Export(file, images, request.Path, request.Options, progress, cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(request.Path)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + "name another file with --out",
                error
            );
        }
    }

    // A run keeps its own model, and a file is not replaced by what was made from it.
    private static void RequireOther(string file, string path)
    {
        if (Path.GetFullPath(file) == Path.GetFullPath(path))
        {
            throw new UsageException($"'--out' cannot be '{Printable.Text(path)}': that is the model itself");
        }
    }

    private static ImageSplit ImagesOf(string model, string file, ExportRequest request, CancellationToken cancel)
    {
        if (request.Images is string named)
        {
            ImageSource.Require(named);
            using Predictor predictor = Predictor.Load(file);
            ImageSetOptions reading =
                predictor.Card.Task == ClassificationTask.MultiLabel
                    ? request.Reading with
                    {
                        Task = predictor.Card.Task,
                    }
                    : request.Reading;
            ImageSet set = ImageSet.Load(named, reading, cancel: cancel);
            return request.SplitFile is string split ? SplitFile.Read(split, set) : set.Split(cancel: cancel);
        }

        string folder = Directory.Exists(model) ? model : Path.GetDirectoryName(Path.GetFullPath(model))!;
        return RunFolder.Exists(folder)
            ? RunFolder.Open(folder).ReadSplit(cancel: cancel)
            : throw new UsageException(
                $"'{Printable.Text(model)}' lies in no run: name the images that it was trained on with '--images'"
            );
    }
}
