using Graft.Training.Data;

namespace Graft.Training.Pipeline;

/// <summary>Where the images of a run come from, and how they are read.</summary>
internal abstract record ImageReader
{
    /// <summary>Folder, list or name of the images, for the user and for options.json.</summary>
    public abstract string Source { get; }

    /// <summary>
    /// True where the images are objects of the calling program, which a later process does not have.
    /// </summary>
    public virtual bool IsOfObjects => true;

    /// <summary>The images of a folder, a list or an archive.</summary>
    public static ImageReader Of(string path) => new PathReader(path);

    /// <summary>The images of a set.</summary>
    public static ImageReader Of(ImageSet set) => new SetReader(set);

    /// <summary>The images of a split, which is kept.</summary>
    public static ImageReader Of(ImageSplit split) => new SplitReader(split);

    /// <summary>All images of a folder, list or archive, however few, as training images.</summary>
    public static ImageReader ForExamination(string path) => new ExaminationReader(path, null);

    /// <summary>All images of a set as training images.</summary>
    public static ImageReader ForExamination(ImageSet set) => new ExaminationReader(set.Source, set);

    /// <summary>Reads, inspects and splits the images.</summary>
    /// <param name="plan">How to split them, and their limits.</param>
    /// <param name="inspections">Results of earlier inspections; null: every image is decoded.</param>
    /// <param name="progress">Receives warnings and the number of images read.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="GraftException">The images cannot be used.</exception>
    public abstract TrainingData Read(
        DataPlan plan,
        InspectionStore? inspections,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    );

    private sealed record PathReader(string Path) : ImageReader
    {
        public override string Source => Path;

        public override bool IsOfObjects => false;

        public override TrainingData Read(
            DataPlan plan,
            InspectionStore? inspections,
            IProgress<TrainingEvent> progress,
            CancellationToken cancel
        ) => TrainingData.Read(Path, plan, progress, cancel, inspections);
    }

    private sealed record SetReader(ImageSet Set) : ImageReader
    {
        public override string Source => Set.Source;

        public override TrainingData Read(
            DataPlan plan,
            InspectionStore? inspections,
            IProgress<TrainingEvent> progress,
            CancellationToken cancel
        ) => TrainingData.From(Set, plan, progress, cancel, inspections);
    }

    private sealed record SplitReader(ImageSplit Split) : ImageReader
    {
        public override string Source => Split.Set.Source;

        public override TrainingData Read(
            DataPlan plan,
            InspectionStore? inspections,
            IProgress<TrainingEvent> progress,
            CancellationToken cancel
        ) => TrainingData.From(Split, plan, progress, cancel, inspections);
    }

    private sealed record ExaminationReader(string Path, ImageSet? Set) : ImageReader
    {
        public override string Source => Path;

        public override TrainingData Read(
            DataPlan plan,
            InspectionStore? inspections,
            IProgress<TrainingEvent> progress,
            CancellationToken cancel
        )
        {
            ImageSet set = Set?.As(plan.Task) ?? Load(plan, cancel);
            Array.ForEach([.. set.Notes], note => progress.Report(new Notice(note)));
            Array.ForEach([.. set.Warnings], warning => progress.Report(new Notice(warning, IsWarning: true)));
            Inspection inspection = Inspection.Of(set, plan, progress, cancel, inspections);
            Dictionary<string, ImagePart> parts = inspection.Set.Images.ToDictionary(
                image => image.Name,
                _ => ImagePart.Train
            );
            return new(inspection.Set, ImageSplit.FromParts(inspection.Set, parts)) { Inspection = inspection };
        }

        private ImageSet Load(DataPlan plan, CancellationToken cancel) =>
            ImageSet.Load(Path, ImageSetOptions.Of(plan) with { LeastClasses = 1, LeastImages = 1 }, cancel: cancel);
    }
}
