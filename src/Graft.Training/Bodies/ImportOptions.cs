namespace Graft.Training;

/// <summary>How <see cref="BodyCatalog.Import"/> stores an ONNX file as a named body.</summary>
public sealed record ImportOptions
{
    /// <summary>Name of the body: 1 to 64 letters, digits, '-', '_' and '.'; null: the name of the file.</summary>
    public string? Name { get; init; }

    /// <summary>As <see cref="BodySource.InputTransform"/>; null: it must be readable from the network.</summary>
    public string? InputTransform { get; init; }

    /// <summary>The edge at which the body ends; null: it is found in the graph.</summary>
    public string? FeatureEdge { get; init; }

    /// <summary>License of the weights, for the cards of the models trained from them, such as Apache-2.0.</summary>
    public string? License { get; init; }

    /// <summary>Replaces an imported body of the same name.</summary>
    public bool Replace { get; init; }

    /// <summary>Largest file that is accepted.</summary>
    public Limits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();
}
