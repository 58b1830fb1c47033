namespace Graft.Training.Release;

/// <summary>How the run is repeated.</summary>
internal static class ReproduceSection
{
    public static PageSection Of(ReportSource source)
    {
        return new(
            "reproduce",
            "Reproduce",
            "The same images, options and seed on the same machine give the same bytes. options.json lies "
                + "beside this file.",
            [
                Block.Code("C# (package Graft.Training)", Repeat(source.Options.ImagesAreObjects)),
                Block.Facts([
                    ("Images", source.SetName),
                    ("Threads", $"{source.Options.TorchThreads}"),
                    ("Parts of the images", "split.csv"),
                    ("Answers to the test images", TestAnswers.FileName),
                    ("All figures", RunEvaluation.FileName),
                ]),
            ]
        );
    }

    private static string Repeat(bool areObjects) =>
        $"""
            using Graft.Training;

            RunRecord run = RunRecord.Read("options.json");
            Trainer.Train({(areObjects ? "images" : "run.ImagesPath")}, "repeated", run.Options);
            """;
}
