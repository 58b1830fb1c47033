using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Graft.ML.Columns;

/// <summary>Reads images from a column: paths, encoded bytes or decoded images.</summary>
internal static class ImageColumn
{
    /// <summary>Whether a column of this type can hold images.</summary>
    public static bool IsImage(DataViewType item, bool isVector) =>
        isVector ? item == NumberDataViewType.Byte : item is TextDataViewType or ImageDataViewType;

    /// <exception cref="ArgumentException">The column is missing or has no images.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name)
            ?? throw new ArgumentException($"there is no column '{name}' for the image; name it in the options");
        bool isImage = column.Type is VectorDataViewType vector
            ? IsImage(vector.ItemType, isVector: true)
            : IsImage(column.Type, isVector: false);
        return isImage ? column : throw NoImage(name, $"{column.Type}");
    }

    public static ArgumentException NoImage(string name, string type) =>
        new(
            $"the column '{name}' cannot hold images: it is {type}; give paths as text, encoded images as a vector of "
                + "bytes, or MLImage"
        );

    /// <summary>Reads the image of the current row.</summary>
    /// <param name="row">The rows.</param>
    /// <param name="column">An active column that <see cref="Find"/> has returned.</param>
    /// <param name="folder">Folder that relative paths start from; null: the working folder.</param>
    public static Func<RowImage> Reader(DataViewRow row, DataViewSchema.Column column, string? folder)
    {
        string Name() => string.Create(CultureInfo.InvariantCulture, $"row {row.Position + 1:D6}");
        switch (column.Type)
        {
            case TextDataViewType:
                ValueGetter<ReadOnlyMemory<char>> text = row.GetGetter<ReadOnlyMemory<char>>(column);
                ReadOnlyMemory<char> path = default;
                return () =>
                {
                    text(ref path);
                    string full = Path.Combine(folder ?? "", path.ToString());
                    return new(full, full, null);
                };
            case VectorDataViewType:
                ValueGetter<VBuffer<byte>> bytes = row.GetGetter<VBuffer<byte>>(column);
                VBuffer<byte> encoded = default;
                return () =>
                {
                    bytes(ref encoded);
                    return new(Name(), null, [.. encoded.DenseValues()]);
                };
            default:
                ValueGetter<MLImage> decoded = row.GetGetter<MLImage>(column);
                MLImage? image = null;
                return () =>
                {
                    decoded(ref image!);
                    return new(Name(), null, image is null ? [] : PixelFile.Of(image));
                };
        }
    }
}

/// <summary>The image of a row.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Path">Path of its file; null where the row holds the image itself.</param>
/// <param name="Bytes">The encoded image; null where a file holds it.</param>
internal readonly record struct RowImage(string Name, string? Path, byte[]? Bytes);
