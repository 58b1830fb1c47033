namespace Graft.Tests.Imaging;

/// <summary>Writes uncompressed TIFF files with chosen tags (TIFF 6.0), which libvips does not write.</summary>
internal static class TiffFiles
{
    public static byte[] Rgb(int width, int height, byte[] pixels, int compression = 1) =>
        Write(width, height, pixels, photometric: 2, extra: null, compression);

    /// <param name="pixels">The bands of each pixel side by side, 8 bits each.</param>
    /// <param name="photometric">1 is grey, 2 RGB, 5 inks.</param>
    /// <param name="extra">ExtraSamples: 0 is unspecified, 1 and 2 are opacity; null: no such tag.</param>
    public static byte[] Write(
        int width,
        int height,
        byte[] pixels,
        int photometric,
        int[]? extra,
        int compression = 1,
        bool isBigEndian = false
    )
    {
        int bands = pixels.Length / (width * height);
        List<(int Tag, int Type, int[] Values)> tags =
        [
            (256, 4, [width]),
            (257, 4, [height]),
            (258, 3, [.. Enumerable.Repeat(8, bands)]),
            (259, 3, [compression]),
            (262, 3, [photometric]),
            (273, 4, [8]),
            (277, 3, [bands]),
            (278, 4, [height]),
            (279, 4, [pixels.Length]),
            (284, 3, [1]),
        ];
        if (extra is not null)
        {
            tags.Add((338, 3, extra));
        }

        int directory = (8 + pixels.Length + 1) / 2 * 2;
        int values = directory + 2 + (12 * tags.Count) + 4;
        byte[] file = new byte[values + (tags.Count * 64)];
        void Put(int at, int size, int value)
        {
            for (int i = 0; i < size; i++)
            {
                file[at + (isBigEndian ? size - 1 - i : i)] = (byte)(value >> (8 * i));
            }
        }

        (isBigEndian ? "MM\0*"u8 : "II*\0"u8).CopyTo(file);
        Put(4, 4, directory);
        pixels.CopyTo(file, 8);
        Put(directory, 2, tags.Count);
        foreach ((int i, (int tag, int type, int[] content)) in tags.Index())
        {
            int at = directory + 2 + (12 * i);
            int size = type == 3 ? 2 : 4;
            Put(at, 2, tag);
            Put(at + 2, 2, type);
            Put(at + 4, 4, content.Length);
            int place = at + 8;
            if (size * content.Length > 4)
            {
                place = values + (64 * i);
                Put(at + 8, 4, place);
            }

            for (int v = 0; v < content.Length; v++)
            {
                Put(place + (v * size), size, content[v]);
            }
        }

        return file;
    }
}
