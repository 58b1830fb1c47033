using Graft.Training.Weights.Hdf5;

namespace Graft.Training.Weights;

/// <summary>
/// Reads the layout of Keras 1 and 2 (legacy_h5_format.py). The attribute `layer_names` lists one group per layer, and
/// the group's attribute `weight_names` lists its datasets. A list that is too long for one attribute is split into
/// `layer_names0`, `layer_names1` and so on.
/// </summary>
internal sealed class Keras2Layout(Hdf5Group root)
{
    private readonly OrderedDictionary<string, WeightTensor> _tensors = [];

    /// <summary>Reads all tensors.</summary>
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

        // Keras 2.12 and later store weights outside of layers here.
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

    // The name is "layer/weight". Keras 2 already has the layer in the weight's name, unless two layers use the same
    // name for a weight.
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
