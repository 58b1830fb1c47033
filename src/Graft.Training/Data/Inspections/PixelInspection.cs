using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>Result of the inspection of one image.</summary>
/// <param name="Width">Width of the upright image, in pixels.</param>
/// <param name="Height">Height of the upright image, in pixels.</param>
internal sealed record PixelInspection(ImageHeader Header, int Width, int Height, long FileBytes, PerceptualHash Hash)
{
    private const int LacksEnd = 2; // a bit beside that of a grey header
    private const int OtherBands = 2; // a bit beside that of CMYK

    /// <summary>The same without the perceptual hash, which takes most of the memory.</summary>
    public ImageTraits Traits => new(Header, Width, Height, FileBytes, Header.IsGrey || Hash.IsGrey, Hash.IsBlank);

    /// <summary>Serialises the result for <see cref="FromBytes"/>.</summary>
    public byte[] ToBytes()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        Array.ForEach(
            [
                (int)Header.Format,
                (Header.IsGrey ? 1 : 0) | (Header.LacksEndMarker ? LacksEnd : 0),
                (Header.IsCmyk ? 1 : 0) | (Header.HasOtherBands ? OtherBands : 0),
                Header.IsDeep ? 1 : 0,
                Header.Frames,
                Header.Orientation,
                Width,
                Height,
            ],
            writer.Write
        );
        writer.Write(FileBytes);
        writer.Write(Hash.Planes);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads a serialised result; null where the bytes have another length.</summary>
    public static PixelInspection? FromBytes(byte[] bytes)
    {
        const int Numbers = 8;
        const int HashBytes = 3 * PerceptualHash.Side * PerceptualHash.Side;
        if (bytes.Length != (Numbers * sizeof(int)) + sizeof(long) + HashBytes)
        {
            return null;
        }

        using BinaryReader reader = new(new MemoryStream(bytes));
        int[] numbers = [.. Enumerable.Range(0, Numbers).Select(_ => reader.ReadInt32())];
        ImageHeader header = new(
            (ImageFormat)numbers[0],
            (numbers[1] & 1) == 1,
            (numbers[2] & 1) == 1,
            numbers[3] == 1,
            numbers[4],
            numbers[5]
        )
        {
            LacksEndMarker = (numbers[1] & LacksEnd) != 0,
            HasOtherBands = (numbers[2] & OtherBands) != 0,
        };
        return new(
            header,
            numbers[6],
            numbers[7],
            reader.ReadInt64(),
            PerceptualHash.FromPlanes(reader.ReadBytes(HashBytes))
        );
    }
}
