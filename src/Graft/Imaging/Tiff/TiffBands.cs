using System.Buffers.Binary;

namespace Graft.Imaging;

/// <summary>What the bands of a TIFF's first page mean, from its tags (TIFF 6.0, sections 8 and 18).</summary>
/// <param name="Photometric">PhotometricInterpretation: 1 is grey, 2 RGB, 5 inks.</param>
/// <param name="Samples">Bands of a pixel.</param>
/// <param name="Extra">
/// Meaning of the bands after the colours: 1 and 2 are opacity; null where the file says none.
/// </param>
/// <param name="PhotometricOffset">Where the value of PhotometricInterpretation lies in the file.</param>
internal sealed record TiffBands(int Photometric, int Samples, IReadOnlyList<int>? Extra, int PhotometricOffset)
{
    private const int Grey = 1;
    private const int Rgb = 2;
    private const int Inks = 5;

    /// <summary>Bands of colour, which come first; 0 where the tags do not say.</summary>
    public int Colours =>
        Photometric switch
        {
            0 or Grey => IsGreyRgb ? 3 : 1,
            Rgb => 3,
            Inks => 4,
            _ => 0,
        };

    /// <summary>
    /// Three bands called grey, as many programs of remote sensing and microscopy write RGB. Nothing else has three.
    /// </summary>
    public bool IsGreyRgb => Photometric <= Grey && (Samples == 3 || (Samples == 4 && IsAlpha(Extra?[^1])));

    /// <summary>Several bands called grey, of which nobody says which are red, green and blue.</summary>
    public bool HasUnnamedColours => Photometric <= Grey && Samples > 2 && !IsGreyRgb;

    /// <summary>
    /// Index of the band of opacity; null where there is none. One extra band without a meaning is opacity: old
    /// programs wrote it so, and other libraries read it so.
    /// </summary>
    public int? Alpha
    {
        get
        {
            if (Extra is null)
            {
                return Samples == Colours + 1 ? Colours : null;
            }

            int index = Extra.ToList().FindIndex(meaning => IsAlpha(meaning));
            int band = Samples - Extra.Count + index;
            return index >= 0 && band >= Colours ? band : null;
        }
    }

    /// <summary>Reads the tags of the first page; null where they are damaged or incomplete.</summary>
    public static TiffBands? Read(ReadOnlySpan<byte> bytes)
    {
        TiffReader reader = new(bytes);
        if (reader.FirstPage() is not { } page)
        {
            return null;
        }

        int? photometric = null;
        int samples = 1;
        int offset = 0;
        IReadOnlyList<int>? extra = null;
        for (int i = 0; i < page.Count; i++)
        {
            (int tag, int at) = reader.Entry(page, i);
            switch (tag)
            {
                case 262:
                    (photometric, offset) = (reader.Values(at).FirstOrDefault(), reader.ValueOffset(at));
                    break;
                case 277:
                    samples = reader.Values(at).FirstOrDefault();
                    break;
                case 338:
                    extra = reader.Values(at);
                    break;
                default:
                    break;
            }
        }

        return photometric is int known && samples > 0 ? new(known, samples, extra, offset) : null;
    }

    /// <summary>The file with RGB as its photometric interpretation.</summary>
    public byte[] AsRgb(byte[] bytes)
    {
        byte[] named = [.. bytes];
        Span<byte> value = named.AsSpan(PhotometricOffset, 2);
        if (bytes[0] == (byte)'I')
        {
            BinaryPrimitives.WriteUInt16LittleEndian(value, Rgb);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(value, Rgb);
        }

        return named;
    }

    private static bool IsAlpha(int? meaning) => meaning is 1 or 2;
}
