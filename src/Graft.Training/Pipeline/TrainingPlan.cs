using System.Collections.Immutable;
using Graft.Prediction;

namespace Graft.Training;

/// <summary>What a training would do with a set of images, and about how long it would take.</summary>
public sealed record TrainingPlan
{
    internal TrainingPlan() { }

    /// <summary>Whether each image has one label or any number.</summary>
    public required ClassificationTask Task { get; init; }

    /// <summary>The classes in the order of the model's outputs, with the number of images that have each.</summary>
    public required ImmutableArray<PlannedClass> Classes { get; init; }

    /// <summary>Number of images to learn from.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Number of images on which candidates are compared.</summary>
    public required int ValidationImages { get; init; }

    /// <summary>Number of images that the finished model is measured on.</summary>
    public required int TestImages { get; init; }

    /// <summary>The images that cannot be used, with their reasons.</summary>
    public required ImmutableArray<RejectedImage> Rejected { get; init; }

    /// <summary>Name of the body.</summary>
    public required string Body { get; init; }

    /// <summary>Width of the body's input, in pixels.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Height of the body's input, in pixels.</summary>
    public required int InputHeight { get; init; }

    /// <summary>What computes the frozen layers, and in which precision the others are trained.</summary>
    public required Engine Engine { get; init; }

    /// <summary>Random views of each training image.</summary>
    public required int Views { get; init; }

    /// <summary>Edge from which the body is trained by default. Null: no layer of the body is trained.</summary>
    public required string? TrainsFrom { get; init; }

    /// <summary>Share of the body's multiply-adds behind <see cref="TrainsFrom"/>, 0 to 1.</summary>
    public required double TrainedShare { get; init; }

    /// <summary>Most epochs of fine-tuning; 0 where nothing is trained.</summary>
    public required int Epochs { get; init; }

    /// <summary>Number of depths and rates that short trainings compare; 0 where nothing is searched.</summary>
    public required int SearchedSettings { get; init; }

    /// <summary>The steps of the run in their order, one line each.</summary>
    public required ImmutableArray<string> Steps { get; init; }

    /// <summary>
    /// About how long the run takes with an empty cache, from the speed of this machine on some of the images. Early
    /// stopping makes it shorter, a search of the fit of long images longer.
    /// </summary>
    public required TimeSpan Estimate { get; init; }
}

/// <summary>A class of a planned training.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Images">Number of images that have it, in all parts.</param>
public sealed record PlannedClass(string Label, int Images);
