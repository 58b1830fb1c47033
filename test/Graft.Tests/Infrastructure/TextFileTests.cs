using System.Text;
using Graft.Infrastructure;

namespace Graft.Tests.Infrastructure;

public sealed class TextFileTests
{
    private const string Text = "path;label\r\n1.jpg;Gr\u00FCn\r\n2.jpg;Gr\u00F6n\r\n";

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_byte_order_mark_names_the_encoding(string name)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];

        Assert.Equal(Text, TextFile.Decode(bytes, "list.csv"));
        Assert.Equal(Text, TextFile.Decode(bytes, "list.csv", "windows-1252"));
    }

    [Fact]
    public void Without_a_mark_a_text_is_UTF8() =>
        Assert.Equal(Text, TextFile.Decode(Encoding.UTF8.GetBytes(Text), "x"));

    [Theory]
    [InlineData("windows-1252")]
    [InlineData("cp1252")]
    [InlineData("1252")]
    [InlineData("latin1")]
    public void Another_encoding_is_read_by_its_name(string name) =>
        Assert.Equal(Text, TextFile.Decode(Encoding.Latin1.GetBytes(Text), "list.csv", name));

    [Fact]
    public void A_byte_that_is_no_UTF8_is_named_with_file_line_and_place()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            TextFile.Decode(Encoding.Latin1.GetBytes(Text), "list.csv", option: "Data.Encoding")
        );

        Assert.Equal(
            "'list.csv' cannot be used: line 2, byte 9 (0xFC) is not UTF-8; "
                + "save the file as UTF-8, or name its encoding, such as windows-1252",
            error.Message
        );
        Assert.Equal("Data.Encoding", error.Option);
    }

    [Fact]
    public void A_named_encoding_is_strict_too()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            TextFile.Decode([(byte)'a', (byte)'\n', 0x81, 0x20], "list.csv", "shift_jis")
        );

        Assert.Contains("line 2, byte 1 (0x81) is not shift_jis", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UTF16_without_a_mark_and_cut_UTF16_are_refused()
    {
        byte[] unmarked = Encoding.Unicode.GetBytes(Text);

        Assert.Contains("without a byte order mark", Refusal(unmarked), StringComparison.Ordinal);
        Assert.Contains("is not utf-16", Refusal([0xFF, 0xFE, 65, 0, 66]), StringComparison.Ordinal);
        Assert.Contains("UTF-32", Refusal([0xFF, 0xFE, 0, 0, 65, 0, 0, 0]), StringComparison.Ordinal);
    }

    private static string Refusal(byte[] bytes) =>
        Assert.Throws<GraftException>(() => TextFile.Decode(bytes, "x")).Message;
}
