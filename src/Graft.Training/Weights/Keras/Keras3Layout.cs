using System.Globalization;
using Graft.Training.Weights.Hdf5;

namespace Graft.Training.Weights;

/// <summary>
/// Reads the layout of Keras 3 (saving_lib.py). Groups mirror the model's objects ("layers/conv2d_1"), and their
/// variables are the datasets `vars/0`, `vars/1` and so on. Later versions store an object's name in the attribute
/// `name`; for earlier ones only config.json has it. Variables have no names in the file. Their names follow from the
/// kind of layer, which the group's name tells.
/// </summary>
internal sealed class Keras3Layout(Hdf5Group root, KerasConfig? config)
{
    private const int MaximumDepth = 32;
    private readonly OrderedDictionary<string, WeightTensor> _tensors = [];
    private readonly HashSet<long> _open = [];

    /// <summary>Reads all tensors.</summary>
    public IReadOnlyDictionary<string, WeightTensor> Read()
    {
        string name = NameOf(root, "") ?? config?.ModelName ?? "";
        ReadObject(root, kind: "", name, 0);
        return _tensors.Count > 0
            ? _tensors
            : throw root.Header.Refuse(
                "holds no Keras weights: neither 'layer_names' nor 'vars' groups with variables"
            );
    }

    private void ReadObject(Hdf5Group group, string kind, string name, int depth)
    {
        if (depth > MaximumDepth || !_open.Add(group.Header.Address))
        {
            throw group.Header.Refuse(
                depth > MaximumDepth
                    ? $"groups are nested more than {MaximumDepth} deep"
                    : "is a group inside itself, or occurs twice; the file is damaged"
            );
        }

        foreach (string member in group.Names.Where(member => !(depth == 0 && member is "optimizer" or "_optimizer")))
        {
            Hdf5Object header = group.Get(member);
            if (header.IsDataset)
            {
                continue;
            }

            Hdf5Group child = new(header);
            if (member == "vars")
            {
                ReadVariables(child, kind, name);
            }
            else
            {
                ReadObject(child, member, Join(name, member, child), depth + 1);
            }
        }
    }

    // A container ("layers") adds nothing to the name. An object adds its own name, or its group's where the file has
    // none.
    private string Join(string parent, string member, Hdf5Group child)
    {
        string? own = NameOf(child, member);
        bool isContainer = own is null && !child.Has("vars");
        string step = own ?? config?.LayerName(member) ?? member;
        return isContainer ? parent
            : parent.Length == 0 ? step
            : $"{parent}/{step}";
    }

    // Depending on the version, the attribute is at the object's group or at its `vars`.
    private static string? NameOf(Hdf5Group group, string member)
    {
        Hdf5Object[] places =
            member != "vars" && group.Has("vars") ? [group.Header, group.Get("vars")] : [group.Header];
        foreach (Hdf5Object place in places)
        {
            if (
                place.Attributes.TryGetValue("name", out Hdf5Attribute? attribute)
                && attribute.Texts() is [{ Length: > 0 } text]
            )
            {
                return text;
            }
        }

        return null;
    }

    private void ReadVariables(Hdf5Group variables, string kind, string name)
    {
        string[] members =
        [
            .. variables.Names.OrderBy(member =>
                int.TryParse(member, NumberStyles.None, null, out int index) ? index : int.MaxValue
            ),
        ];
        Hdf5Dataset[] datasets = [.. members.Select(member => new Hdf5Dataset(variables.Get(member)))];
        string layer = name[(name.LastIndexOf('/') + 1)..];
        string[] names = KerasVariables.Names(kind, members, config?.Layer(layer));
        for (int i = 0; i < members.Length; i++)
        {
            string full = name.Length == 0 ? names[i] : $"{name}/{names[i]}";
            if (!_tensors.TryAdd(full, new WeightTensor(full, datasets[i].Type, datasets[i].Shape, datasets[i].Read())))
            {
                throw variables.Header.Refuse($"gives the name '{full}' twice");
            }
        }
    }
}
