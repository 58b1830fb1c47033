using System.Text.Json;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>A box of COCO annotations that becomes an image of its own.</summary>
internal static class CocoBox
{
    /// <summary>Adds the box of an annotation.</summary>
    /// <param name="files">The files of the set.</param>
    /// <param name="list">The list that holds the annotation.</param>
    /// <param name="images">Receives the image.</param>
    /// <param name="picture">The picture around the box: as listed, its file and its part.</param>
    /// <param name="label">The box's category.</param>
    /// <param name="annotation">The annotation.</param>
    public static void Add(
        DatasetFiles files,
        ScannedFile list,
        ListedImages images,
        (string Listed, ScannedFile? Found, ImagePart? Part) picture,
        string label,
        JsonElement annotation
    )
    {
        string id = annotation.Member("id").Text() ?? $"{images.Count}";
        string place = $"annotation {Printable.Text(id)}";
        if (annotation.Member("iscrowd").Integer() == 1)
        {
            return; // a region of many objects
        }

        double[] box = [.. annotation.Member("bbox").Elements().Select(Number)];
        if (box.Length != 4 || !Array.TrueForAll(box, double.IsFinite))
        {
            throw files.Problem($"{place} of {DatasetFiles.Quoted(list)} has no bbox of four numbers; export it again");
        }

        ScannedFile? found = picture.Found is not ScannedFile whole
            ? null
            : whole with
            {
                Path = $"{whole.Path}#{id}",
                File = "",
                Open = cancel => OpenAsync(whole, box, files.Options.Limits, cancel),
            };
        string group = picture.Found?.Path ?? picture.Listed;
        images.Add(list, place, $"{picture.Listed}#{id}", found, [label], picture.Part, group);
    }

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : double.NaN;

    private static async ValueTask<Stream> OpenAsync(
        ScannedFile whole,
        double[] box,
        DecodeLimits limits,
        CancellationToken cancel
    )
    {
        LabelledImage image = (whole with { Label = whole.Label ?? "none" }).ToImage("");
        byte[] bytes = await image.ReadBytesAsync(limits, cancel).ConfigureAwait(false);
        using DecodedImage decoded = ImageDecoder.Decode(bytes, whole.Path, limits);
        int left = Math.Clamp((int)Math.Floor(box[0]), 0, decoded.Width);
        int top = Math.Clamp((int)Math.Floor(box[1]), 0, decoded.Height);
        int right = Math.Clamp((int)Math.Ceiling(box[0] + box[2]), 0, decoded.Width);
        int bottom = Math.Clamp((int)Math.Ceiling(box[1] + box[3]), 0, decoded.Height);
        if (right <= left || bottom <= top)
        {
            throw new InvalidDataException("its box lies outside the picture");
        }

        byte[] bitmap = Bitmap.Encode(decoded.Pixels, decoded.Width, (left, top, right, bottom));
        return new MemoryStream(bitmap, writable: false);
    }
}
