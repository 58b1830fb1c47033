using System.Text;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Tests.Imaging;

public sealed class PnmReaderTests
{
    [Theory]
    [InlineData("P1 2 2\n1 0\n0 1", "", new[] { 0, 255, 255, 0 })]
    [InlineData("P1 2 2\n1001", "", new[] { 0, 255, 255, 0 })] // the digits need no spaces
    [InlineData("P2\n# made by hand\n2 2 15\n0 5 10 15", "", new[] { 0, 85, 170, 255 })]
    [InlineData("P4 2 2\n", "8040", new[] { 0, 255, 255, 0 })]
    [InlineData("P5 2 2 255\n", "006480FF", new[] { 0, 100, 128, 255 })]
    [InlineData("P5 2 2 4095\n", "0000055507FF0FFF", new[] { 0, 85, 127, 255 })]
    [InlineData("P5 2 2 65535\n", "000055550101FFFF", new[] { 0, 85, 1, 255 })]
    [InlineData("P5 2 2 100\n", "00326464", new[] { 0, 128, 255, 255 })]
    public void Bitmaps_and_greys_are_read(string header, string data, int[] expected)
    {
        using DecodedImage decoded = ImageDecoder.Decode(File(header, data), "picture");

        Assert.Equal((2, 2), (decoded.Width, decoded.Height));
        Assert.Equal(expected.SelectMany(level => Enumerable.Repeat((byte)level, 3)), decoded.Pixels.ToArray());
        Assert.True(decoded.Header.IsGrey);
    }

    [Theory]
    [InlineData("P3 2 1 255\n10 20 30\n40 50 60\n", "")]
    [InlineData("P6 2 1 255\n", "0A141E28323C")]
    [InlineData("P6\n#a\n2 #b\n1\n255 ", "0A141E28323C00FF")] // what follows is another image
    public void Colours_are_read(string header, string data) =>
        Assert.Equal([10, 20, 30, 40, 50, 60], Pictures.Decode(File(header, data)));

    [Theory]
    [InlineData("P6 2 1 255\n", "0A141E2832", ImageFault.Truncated)]
    [InlineData("P3 2 1 255\n1000 20 30 40 50 ", "", ImageFault.Truncated)]
    [InlineData("P6 2 ", "", ImageFault.Truncated)]
    [InlineData("P6 2 x ", "", ImageFault.Damaged)]
    [InlineData("P5 2 2 0\n", "00000000", ImageFault.Damaged)]
    [InlineData("P5 2 2 70000\n", "0000000000000000", ImageFault.Damaged)]
    [InlineData("P5 29000 3000 255\n", "00", ImageFault.Truncated)] // before memory is reserved
    [InlineData("P5 99999999999 1 255\n", "00", ImageFault.OverLimit)]
    public void A_file_that_cannot_be_read_has_its_reason(string header, string data, ImageFault fault) =>
        Assert.Equal(
            fault,
            Assert.Throws<ImageException>(() => Pictures.Decode(File(header, data))).Fault
        );

    [Theory]
    [InlineData("P3 3 2 255\n1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18")]
    [InlineData("P6 4 3 255\n123456789012345678901234567890123456")]
    [InlineData("P4 9 3\n123456")]
    public void Damage_leads_to_an_image_or_an_image_exception(string content)
    {
        byte[] file = Encoding.ASCII.GetBytes(content);
        CountedRandom random = new(11, RandomPurpose.Split);
        for (uint attempt = 0; attempt < 500; attempt++)
        {
            byte[] damaged = [.. file[..(file.Length - (int)(attempt % 3))]];
            damaged[2 + random.Below(damaged.Length - 2, attempt * 4)] = (byte)random.Below(256, (attempt * 4) + 1);

            Exception? error = Record.Exception(() => Pictures.Decode(damaged));

            Assert.True(error is null or ImageException, $"attempt {attempt}: {error}");
        }
    }

    [Fact]
    public void An_image_may_need_as_much_memory_as_the_limit_but_no_more()
    {
        byte[] file = File("P5 20 10 255\n", string.Concat(Enumerable.Repeat("7F", 200)));

        ImageException error = Assert.Throws<ImageException>(() =>
            ImageDecoder.Decode(file, "picture", new() { Memory = 599 })
        );

        Assert.Equal(ImageFault.OverLimit, error.Fault);
        using DecodedImage fits = ImageDecoder.Decode(file, "picture", new() { Memory = 600 });
        Assert.Equal(20, fits.Width);
    }

    [Fact]
    public void Every_format_that_is_read_has_its_extensions()
    {
        Assert.All(ImageFormats.Read, format => Assert.NotEmpty(ImageFormats.ExtensionsOf(format)));
        Assert.Equal(Enum.GetValues<ImageFormat>()[1..], ImageFormats.Read.Order());
        Assert.True(ImageFormats.HasImageExtension("a/b.PPM"));
        Assert.True(ImageFormats.HasImageExtension("drawing.svg"));
        Assert.False(ImageFormats.HasImageExtension("notes.txt"));
        Assert.DoesNotContain(".svg", ImageFormats.ReadExtensions);
    }

    private static byte[] File(string header, string data) =>
        [.. Encoding.ASCII.GetBytes(header), .. Convert.FromHexString(data)];
}
