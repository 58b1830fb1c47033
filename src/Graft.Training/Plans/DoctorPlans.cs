namespace Graft.Training.Plans;

/// <summary>Resolves the options of an examination of images.</summary>
internal static class DoctorPlans
{
    /// <summary>The options of a training that stops after the features of the plain views.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="OptionsException">At least one option cannot be used.</exception>
    public static TrainingOptions Of(DoctorOptions options)
    {
        TrainingOptions training = new()
        {
            Body = options.Body,
            Data = options.Data with { SkipEmptyClasses = true },
            Task = options.Task,
            Seed = options.Seed,
            Threads = options.Threads,
            Limits = options.Limits,
            Cache = options.Cache,
        };
        training.Validate();
        return training with
        {
            Views = 0,
            Head = new() { Pooling = Pooling.Average },
            HeadTraining = new() { Epochs = 0 },
            FineTune = new() { Epochs = 0 },
        };
    }
}
