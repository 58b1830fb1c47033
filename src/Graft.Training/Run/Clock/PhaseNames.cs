namespace Graft.Training.Run;

/// <summary>Names of the phases in events, logs and timing.json.</summary>
internal static class PhaseNames
{
    /// <summary>Reading, inspecting and splitting the images.</summary>
    public const string Reading = "read";

    /// <summary>The search for how images were prepared for a foreign network.</summary>
    public const string InputTransform = "input";

    /// <summary>The search for how long images are fitted into the input.</summary>
    public const string Fit = "fit";

    /// <summary>The frozen part of the body on the images.</summary>
    public const string Extraction = "extract";

    /// <summary>A probe of the plain views.</summary>
    public const string FirstAnswer = "first answer";

    /// <summary>The linear probe.</summary>
    public const string Probe = "probe";

    /// <summary>The search for depth and rate.</summary>
    public const string Search = "search";

    /// <summary>Training of the head, the body frozen.</summary>
    public const string HeadTraining = "head training";

    /// <summary>Training of the head and the body's last layers.</summary>
    public const string FineTuning = "fine-tune";

    /// <summary>Writing the model.</summary>
    public const string Export = "export";

    /// <summary>The model on the test images.</summary>
    public const string Evaluation = "evaluate";
}
