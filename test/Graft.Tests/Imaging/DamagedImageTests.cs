using System.Buffers.Binary;
using System.Text;
using Graft.Imaging;
using Graft.Infrastructure;
using NetVips;

namespace Graft.Tests.Imaging;

public sealed class DamagedImageTests
{
    private const string AtEnd = "ends before its last row";

    [Theory]
    [InlineData(".jpg", 0.3)]
    [InlineData(".jpg", 0.6)]
    [InlineData(".jpg", 0.95)]
    [InlineData(".jpg[interlace]", 0.3)]
    [InlineData(".jpg[interlace]", 0.6)]
    [InlineData(".png", 0.3)]
    [InlineData(".png", 0.9)]
    [InlineData(".png[interlace]", 0.9)]
    [InlineData(".webp", 0.6)]
    [InlineData(".webp[lossless]", 0.9)]
    [InlineData(".gif", 0.6)]
    [InlineData(".avif", 0.6)]
    public void A_file_that_ends_early_is_rejected(string format, double kept)
    {
        byte[] file = Noise().WriteToBuffer(format);

        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(file[..(int)(file.Length * kept)]));

        Assert.Contains(AtEnd, error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".tif", 0.5)]
    [InlineData(".tif[compression=lzw]", 0.9)]
    public void A_tiff_that_ends_early_is_rejected(string format, double kept)
    {
        byte[] file = Noise().WriteToBuffer(format);

        Assert.Throws<ImageException>(() => Pictures.Decode(file[..(int)(file.Length * kept)]));
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    [InlineData(".webp")]
    [InlineData(".tif")]
    [InlineData(".gif")]
    [InlineData(".avif")]
    public void Damage_leads_to_an_image_or_an_image_exception(string format)
    {
        byte[] file = Pictures.Gradient(40, 30).WriteToBuffer(format);
        CountedRandom random = new(11, RandomPurpose.Split);
        for (uint attempt = 0; attempt < 300; attempt++)
        {
            byte[] damaged = (byte[])file.Clone();
            for (uint i = 0; i < 4; i++)
            {
                damaged[random.Below(damaged.Length, (attempt * 16) + i)] = (byte)
                    random.Below(256, (attempt * 16) + 8 + i);
            }

            try
            {
                _ = Pictures.Decode(damaged);
            }
            catch (ImageException error)
            {
                Assert.NotEmpty(error.Reason);
            }
        }
    }

    [Fact]
    public void An_empty_file_is_called_empty() =>
        Assert.StartsWith(
            "0 bytes long",
            Assert.Throws<ImageException>(() => Pictures.Decode([])).Reason,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("just some text, of no format")]
    [InlineData("P5 is how this text begins, and no width follows")]
    [InlineData("BM is how this text begins, and no header follows")]
    public void A_file_of_unknown_format_is_called_no_image(string text)
    {
        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(Encoding.ASCII.GetBytes(text)));

        Assert.StartsWith("not an image: its first bytes", error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "it is a Git LFS pointer, not the image")]
    [InlineData("/annex/objects/SHA256E-s1--a.jpg\n", "it is a git-annex pointer, not the image")]
    [InlineData("\n<!DOCTYPE html><html><body>404</body></html>", "it is a web page, not the image")]
    public void What_stands_in_an_images_place_is_named(string content, string expected)
    {
        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(Encoding.Latin1.GetBytes(content)));

        Assert.StartsWith(expected, error.Reason, StringComparison.Ordinal);
        Assert.Equal(ImageFault.NotAnImage, error.Fault);
    }

    [Theory]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0", "it is HEIC")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "it is SVG")] // libvips would draw it
    [InlineData("<?xml version='1.0' encoding='UTF-8'?>\n<!-- a logo -->\n<svg width='9' height='9'/>", "it is SVG")]
    [InlineData("P7\nWIDTH 2\nHEIGHT 2\n", "it is PAM")]
    [InlineData("\0\0\u0001\0\u0001\0  \0\0", "it is a Windows icon")]
    public void A_known_but_unsupported_format_is_named(string content, string expected)
    {
        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(Encoding.Latin1.GetBytes(content)));

        Assert.StartsWith(expected, error.Reason, StringComparison.Ordinal);
        Assert.Equal(ImageFault.UnsupportedFormat, error.Fault);
        Assert.DoesNotContain("ignore.txt", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_libvips_says_of_a_damaged_file_is_told()
    {
        byte[] file = Noise().WriteToBuffer(".png");
        file[file.AsSpan().IndexOf("IDAT"u8) + 200] ^= 0x10;

        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(file));

        Assert.StartsWith("libvips: ", error.Reason, StringComparison.Ordinal);
        Assert.Equal(ImageFault.Damaged, error.Fault);
    }

    [Fact]
    public void Under_load_a_file_gets_its_own_reason_or_none()
    {
        byte[] png = Noise().WriteToBuffer(".png");
        png[png.AsSpan().IndexOf("IDAT"u8) + 200] ^= 0x10;
        byte[] zstd = TiffFiles.Rgb(8, 8, new byte[8 * 8 * 3], compression: 50_000);
        ImageException[] errors = new ImageException[200];

        Parallel.For(0, errors.Length, i =>
            errors[i] = Assert.Throws<ImageException>(() => Pictures.Decode(i % 2 == 0 ? png : zstd))
        );

        string[] reasons = [.. errors.Select(error => error.Reason)];
        Assert.All(reasons.Index(), pair =>
            Assert.True(IsUnknown(pair.Item) || IsOfZstd(pair.Item) == (pair.Index % 2 == 1), pair.Item)
        );
        Assert.Contains(reasons, reason => !IsUnknown(reason) && !IsOfZstd(reason));
        Assert.Contains(reasons, IsOfZstd);

        static bool IsOfZstd(string reason) => reason.Contains("ZSTD", StringComparison.Ordinal);
        static bool IsUnknown(string reason) => reason.Contains("the reason is not known", StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_with_floating_point_samples_is_rejected()
    {
        byte[] file = Pictures.Gradient().Cast(Enums.BandFormat.Float).WriteToBuffer(".tif");

        Assert.StartsWith(
            "its samples are Float",
            Assert.Throws<ImageException>(() => Pictures.Decode(file)).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_header_of_a_huge_image_is_refused_before_memory_is_reserved()
    {
        byte[] bomb = Pictures.Gradient().WriteToBuffer(".png");
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(16), 29_000);
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(20), 29_000);
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(29), PngChecksum.Of(bomb.AsSpan(12, 17)));
        long before = GC.GetTotalAllocatedBytes();

        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(bomb));

        Assert.StartsWith("29000 x 29000 pixels", error.Reason, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 10_000_000); // the pixels would be 2.5 GB
    }

    [Fact]
    public void An_avif_of_an_absurd_size_is_refused_before_it_is_opened()
    {
        byte[] bomb = Pictures.Gradient().WriteToBuffer(".avif");
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(bomb.AsSpan().IndexOf("ispe"u8) + 8), 1_476_395_038);

        ImageException error = Assert.Throws<ImageException>(() => Pictures.Decode(bomb));

        Assert.StartsWith("1476395038 x 64 pixels", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_limit_is_enforced()
    {
        byte[] file = Pictures.Gradient(96, 64).WriteToBuffer(".png");

        Assert.Contains("limit", Reason(file, new() { FileBytes = file.Length - 1 }), StringComparison.Ordinal);
        Assert.Contains("limit", Reason(file, new() { Pixels = (96 * 64) - 1 }), StringComparison.Ordinal);
        Assert.Contains("a side may have 95", Reason(file, new() { Side = 95 }), StringComparison.Ordinal);
        using DecodedImage fits = ImageDecoder.Decode(
            file,
            "picture",
            new()
            {
                FileBytes = file.Length,
                Pixels = 96 * 64,
                Side = 96,
            }
        );
        Assert.Equal(96, fits.Width);
    }

    [Fact]
    public void An_image_may_need_as_much_memory_as_the_limit_but_no_more()
    {
        byte[] file = Pictures.Gradient(96, 64).WriteToBuffer(".png");
        const long Needed = 96 * 64 * 6; // three bytes per pixel in the decoder, three in the result

        ImageException error = Assert.Throws<ImageException>(() =>
            ImageDecoder.Decode(file, "picture", new() { Memory = Needed - 1 })
        );

        Assert.Contains("of memory, and", error.Reason, StringComparison.Ordinal);
        Assert.Equal(ImageFault.OverLimit, error.Fault);
        using DecodedImage fits = ImageDecoder.Decode(file, "picture", new() { Memory = Needed });
        Assert.Equal(96, fits.Width);
    }

    // 9 million pixels of noise: no processor decodes them within a tenth of a millisecond.
    [Theory]
    [InlineData(".png", 1)]
    [InlineData(".jpg", 1)]
    [InlineData(".jpg", 6)] // sideways, so it is rotated in memory
    public void Decoding_that_takes_longer_than_the_limit_is_stopped(string format, int orientation)
    {
        using Image noise = Image.Gaussnoise(3000, 3000, mean: 128, sigma: 60, seed: 5).Cast(Enums.BandFormat.Uchar);
        using Image turned = noise.Mutate(image => image.Set(GValue.GIntType, "orientation", orientation));
        byte[] file = turned.WriteToBuffer(format);

        ImageException error = Assert.Throws<ImageException>(() =>
            ImageDecoder.Decode(file, "picture", new() { Time = TimeSpan.FromMilliseconds(0.1) })
        );

        Assert.StartsWith("decoding it takes longer than", error.Reason, StringComparison.Ordinal);
        Assert.Equal(ImageFault.OverLimit, error.Fault);
        using DecodedImage decoded = ImageDecoder.Decode(file, "picture"); // the default limit
        Assert.Equal(3000, decoded.Width);
    }

    // A progressive JPEG of a few kilobytes can hold thousands of scans, each over all pixels.
    [Fact]
    public void A_jpeg_in_too_many_scans_for_the_time_limit_is_refused_before_it_is_decoded()
    {
        byte[] jpeg = Pictures.Gradient(96, 64).WriteToBuffer(".jpg");
        byte[] scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
        byte[] many = [.. jpeg[..^2], .. Enumerable.Repeat(scan, 4000).SelectMany(bytes => bytes), 0xFF, 0xD9];

        ImageException error = Assert.Throws<ImageException>(() =>
            ImageDecoder.Decode(many, "picture", new() { Time = TimeSpan.FromSeconds(1) })
        );

        Assert.StartsWith("a JPEG in 4,001 scans", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_colour_profile_is_ignored()
    {
        using Image picture = Pictures.Gradient();
        using Image odd = picture.Mutate(image => image.Set(GValue.BlobType, "icc-profile-data", new byte[200]));

        byte[] pixels = Pictures.Decode(odd.WriteToBuffer(".png"));

        Assert.Equal(Pictures.Pixels(picture), pixels);
    }

    [Fact]
    public void The_message_names_the_file_and_the_reason_on_one_line()
    {
        ImageException error = Assert.Throws<ImageException>(() => ImageDecoder.Decode([], "roses/17\n.jpg"));

        Assert.Equal("'roses/17\\u000a.jpg' cannot be used: 0 bytes long", error.Message);
    }

    private static string Reason(byte[] file, DecodeLimits limits) =>
        Assert.Throws<ImageException>(() => ImageDecoder.Decode(file, "picture", limits)).Reason;

    // Noise makes files so long that every cut falls into the pixels.
    private static Image Noise() =>
        Image
            .Gaussnoise(128, 96, mean: 128, sigma: 60, seed: 5)
            .Bandjoin(
                Image.Gaussnoise(128, 96, mean: 128, sigma: 60, seed: 6),
                Image.Gaussnoise(128, 96, mean: 128, sigma: 60, seed: 7)
            )
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);
}
