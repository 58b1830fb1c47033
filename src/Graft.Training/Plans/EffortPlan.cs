namespace Graft.Training.Plans;

/// <summary>Resolves <see cref="TrainingOptions.Effort"/> into the options that it sets.</summary>
internal static class EffortPlan
{
    /// <summary>The options with the effort's values in place of defaults. Explicit values stay.</summary>
    /// <param name="options">Valid options.</param>
    public static TrainingOptions Resolve(TrainingOptions options) =>
        options.Effort switch
        {
            Effort.Quick => options with
            {
                Views = options.Views ?? 0,
                HeadTraining = options.HeadTraining with { Epochs = 0 },
                FineTune = options.FineTune with { Epochs = 0 },
            },
            Effort.Best when options.FineTune.Search == SettingSearch.Auto => options with
            {
                FineTune = options.FineTune with { Search = SettingSearch.Deep },
            },
            _ => options,
        };
}
