using Graft.Training.Doctor;

namespace Graft.Training.Plans;

/// <summary>Resolves the options of an examination of images.</summary>
internal static class DoctorPlans
{
    /// <summary>The plan of an examination.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="OptionsException">At least one option cannot be used.</exception>
    public static DoctorPlan Of(DoctorOptions options)
    {
        TrainingOptions training = new()
        {
            Body = options.Body,
            Data = options.Data with { SkipEmptyClasses = true },
            Seed = options.Seed,
            Threads = options.Threads,
            Limits = options.Limits,
            Cache = options.Cache,
        };
        training.Validate();
        return new()
        {
            Body = training.ToBodyPlan(),
            Data = DataPlan.Of(training),
            Seed = options.Seed,
            Threads = options.Threads,
            Cache = options.Cache,
            MemoryPolicy = options.MemoryPolicy,
        };
    }
}
