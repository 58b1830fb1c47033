namespace Graft.Training;

/// <summary>When an option has no effect beside the others.</summary>
/// <param name="Property">Path of the property: "FineTune.BodyRate".</param>
/// <param name="IsSet">True where the options cannot have the value by default.</param>
/// <param name="WhyNot">Why the option has no effect, and the way out; null where it has one.</param>
internal sealed record OptionRule(
    string Property,
    Func<TrainingOptions, bool> IsSet,
    Func<TrainingOptions, string?> WhyNot
);
