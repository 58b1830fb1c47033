using Graft.Training.Weights.Hdf5;

namespace Graft.Training.Weights;

/// <summary>
/// The layout of Keras 1 and 2 (legacy_h5_format.py): the attribute `layer_names`, a group a layer, and in each the
/// attribute `weight_names` that
/// lists its datasets in order. A list too long for one attribute goes on in `layer_names0`, `layer_names1` …
/// </summary>
internal sealed class Keras2Layout(Hdf5Group root)
{
    private readonly OrderedDictionary<string, WeightTensor> _tensors = [];

    public IReadOnlyDictionary<string, WeightTensor> Read()
    {
        foreach (string layer in Names(root.Header, "layer_names"))
        {
            Hdf5Group group = root.Group(layer);
            foreach (string weight in Names(group.Header, "weight_names"))
            {
                Add(layer, weight, new Hdf5Dataset(group.Get(weight)));
            }
        }

        // Weights of the model itself, outside any layer (Keras 2.12 and later).
        if (root.Has("top_level_model_weights"))
        {
            Hdf5Group top = root.Group("top_level_model_weights");
            foreach (string weight in Names(top.Header, "weight_names"))
            {
                Add("top_level_model_weights", weight, new Hdf5Dataset(top.Get(weight)));
            }
        }

        return _tensors;
    }

    /// <summary>
    /// "layer/weight"; Keras 2 has the layer in the weight's name already. Two layers may hold weights of one name:
    /// then the layer is put before.
    /// </summary>
    private void Add(string layer, string weight, Hdf5Dataset dataset)
    {
        string name = weight.Contains('/') ? weight : $"{layer}/{weight}";
        name = _tensors.ContainsKey(name) ? $"{layer}/{weight}" : name;
        if (!_tensors.TryAdd(name, new WeightTensor(name, dataset.Type, dataset.Shape, dataset.Read())))
        {
            throw root.Header.Refuse($"lists '{name}' twice");
        }
    }

    private static IEnumerable<string> Names(Hdf5Object group, string attribute)
    {
        if (group.Attributes.TryGetValue(attribute, out Hdf5Attribute? whole))
        {
            return whole.Texts();
        }

        List<string> names = [];
        for (int i = 0; group.Attributes.TryGetValue($"{attribute}{i}", out Hdf5Attribute? part); i++)
        {
            names.AddRange(part.Texts());
        }

        return names;
    }
}
