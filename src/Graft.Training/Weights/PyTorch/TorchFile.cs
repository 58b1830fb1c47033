using System.Numerics;

namespace Graft.Training.Weights;

/// <summary>
/// Reads PyTorch's `.pth`, `.pt` and `.bin` files: the zip format (1.6 and later) and the legacy format. Reads
/// dictionaries of tensors only, and refuses code and classes by name (<see cref="Unpickler"/>). The tensors of an
/// optimiser beside the state_dict are skipped.
/// </summary>
internal static class TorchFile
{
    /// <summary>
    /// The number in the first pickle of a legacy file, as LONG1 in protocol 2 (torch/serialization.py, MAGIC_NUMBER).
    /// </summary>
    private static readonly BigInteger LegacyMagic = BigInteger.Parse("119547037146038801333356");

    /// <summary>The pickled magic number, which follows the two bytes of the pickle protocol.</summary>
    private static ReadOnlySpan<byte> LegacyStart =>
        [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

    /// <summary>Reads a file.</summary>
    /// <exception cref="WeightFileException">
    /// The file is damaged, or holds something other than tensors; names the place and the content.
    /// </exception>
    public static WeightFile Read(string path)
    {
        using WeightBytes file = WeightBytes.Open(path);
        return Read(file);
    }

    internal static bool IsLegacy(ReadOnlySpan<byte> start) =>
        start.Length > 2 && start[0] == 0x80 && start[2..].StartsWith(LegacyStart);

    internal static WeightFile Read(WeightBytes file)
    {
        MemoryBudget budget = new(file);
        byte[] start = new byte[16];
        int length = file.ReadSome(0, start, "the beginning");
        if (ZipEntries.IsZip(start.AsSpan(0, length)))
        {
            return ReadZip(file, new ZipEntries(file), budget);
        }

        return IsLegacy(start.AsSpan(0, length))
            ? ReadLegacy(file, budget)
            : throw file.Refuse("the beginning", "neither a zip archive nor PyTorch's legacy format");
    }

    internal static WeightFile ReadZip(WeightBytes file, ZipEntries zip, MemoryBudget budget)
    {
        string[] pickles =
        [
            .. zip.Names.Where(name =>
                name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.Count(c => c == '/') == 1
            ),
        ];
        if (pickles is not [string pickle])
        {
            throw file.Refuse(
                "the zip directory",
                $"holds {pickles.Length} entries named */data.pkl; a PyTorch file has one"
            );
        }

        string folder = pickle[..^"data.pkl".Length];
        if (zip.Find(folder + "constants.pkl") is not null)
        {
            throw file.Refuse(
                $"entry '{folder}constants.pkl'",
                "holds a TorchScript program, not a state_dict; save model.state_dict() instead"
            );
        }

        if (zip.Find(folder + "byteorder") is { } order && !zip.Read(order, budget).Span.SequenceEqual("little"u8))
        {
            throw file.Refuse(
                $"entry '{order.Name}'",
                "is not 'little': a big-endian machine wrote the file; save the weights again on another"
            );
        }

        WeightBytes bytes = new(file.Path, zip.Read(zip.Find(pickle)!, budget));
        object? root = Unpickler.Read(new PickleReader(bytes, pickle, 0));
        TorchTensorReader tensors = new(file, budget, storage => ReadEntry(file, zip, budget, folder, storage));
        return new TorchStateDict(file, pickle).Read(root, tensors);
    }

    private static ReadOnlyMemory<byte> ReadEntry(
        WeightBytes file,
        ZipEntries zip,
        MemoryBudget budget,
        string folder,
        TorchStorage storage
    )
    {
        string name = $"{folder}data/{storage.Key}";
        ZipEntry entry = zip.Find(name) ?? throw file.Refuse($"entry '{name}'", "is missing; a tensor needs it");
        return zip.Read(entry, budget);
    }

    private static WeightFile ReadLegacy(WeightBytes file, MemoryBudget budget)
    {
        PickleReader reader = new(file, "the magic number", 0);
        if (Unpickler.Read(reader) is not BigInteger magic || magic != LegacyMagic)
        {
            throw file.Refuse("the magic number", "is not PyTorch's");
        }

        reader = new PickleReader(file, "the protocol version", reader.Position);
        if (Unpickler.Read(reader) is not 1001L)
        {
            throw file.Refuse("the protocol version", "is not 1001");
        }

        reader = new PickleReader(file, "the system's description", reader.Position);
        if (
            Unpickler.Read(reader) is not PickleDictionary system
            || !system.Pairs.Any(pair => pair is { Key: "little_endian", Value: true })
        )
        {
            throw file.Refuse(
                "the system's description",
                "is not 'little_endian': a big-endian machine wrote the file; save the weights again on another"
            );
        }

        reader = new PickleReader(file, "the pickle", reader.Position);
        object? root = Unpickler.Read(reader);
        PickleReader keys = new(file, "the list of storages", reader.Position);
        LegacyStorages storages = new(file, budget, reader.Storages);
        storages.Locate(Unpickler.Read(keys), keys.Position);
        return new TorchStateDict(file, "the pickle").Read(root, new TorchTensorReader(file, budget, storages.Read));
    }
}
