using System.Collections;

namespace Graft.AspNetCore;

/// <summary>The models of a server, in the order in which they were added.</summary>
public sealed class ServedModels : IReadOnlyList<ServedModel>
{
    private readonly ServedModel[] _models;

    internal ServedModels(IEnumerable<ServedModel> models)
    {
        _models = [.. models];
        if (_models.Length == 0)
        {
            throw new InvalidOperationException($"No model was added; call {nameof(GraftServices.AddGraftPredictor)}.");
        }

        foreach (
            IGrouping<(string, string), ServedModel> twins in _models.GroupBy(model => (model.Name, model.Version))
        )
        {
            if (twins.Count() > 1)
            {
                throw new OptionsException([
                    new(
                        nameof(ServedModelOptions.Name),
                        twins.Key.Item1,
                        $"two models have this name and the version {twins.Key.Item2}; give one another name"
                    ),
                ]);
            }
        }
    }

    /// <summary>Number of models.</summary>
    public int Count => _models.Length;

    /// <summary>The model that answers where none is named: the first.</summary>
    public ServedModel Default => _models[0];

    /// <summary>The model at a place.</summary>
    public ServedModel this[int index] => _models[index];

    /// <summary>The model of a name and version; null where there is none.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">Its version; null: the one that was added last.</param>
    public ServedModel? Find(string name, string? version = null) =>
        _models.LastOrDefault(model => model.Name == name && (version is null || model.Version == version));

    /// <summary>The model that a request names.</summary>
    /// <param name="name">Name of the model; null: the default one.</param>
    /// <param name="version">Its version; null: the one that was added last.</param>
    /// <exception cref="RefusedRequestException">There is no such model.</exception>
    internal ServedModel Require(string? name, string? version) =>
        name is null ? Default
        : Find(name, version)
            ?? throw new RefusedRequestException(
                404,
                "no_model",
                "There is no model of this name and version; GET /models lists them."
            );

    /// <inheritdoc/>
    public IEnumerator<ServedModel> GetEnumerator() => ((IEnumerable<ServedModel>)_models).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
