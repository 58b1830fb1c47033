using System.Text;
using NetVips;

namespace Graft.Cli.Tests.Verbs;

public sealed class DataFlagsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _pictures;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_can_be_read_in_two_ways_names_the_flag()
    {
        foreach (string top in new[] { "x", "y" })
        {
            Add($"{top}/a/1.png", $"{top}/a/2.png", $"{top}/b/1.png", $"{top}/b/2.png");
        }

        Outcome unclear = Cli.Run("doctor", _folder.Root);
        Outcome chosen = Cli.Run("doctor", _folder.Root, "--layout", "parts");

        Assert.Equal(ExitCode.BadInput, unclear.Code);
        Assert.EndsWith("or choose the layout parts or classes (--layout)\n", unclear.Error, StringComparison.Ordinal);
        Assert.Contains("8 images, 8 of them usable, 2 classes", chosen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_in_another_encoding_names_the_flag()
    {
        Add("1.png", "2.png", "3.png", "4.png");
        const string Csv = "path;label\n1.png;Gr\u00FCn\n2.png;Gr\u00FCn\n3.png;Gr\u00F6n\n4.png;Gr\u00F6n\n";
        string list = _folder.Write("list.csv", Encoding.Latin1.GetBytes(Csv));

        Outcome refused = Cli.Run("doctor", list);
        Outcome read = Cli.Run("doctor", list, "--encoding", "windows-1252");

        Assert.Contains("line 2, byte 9 (0xFC) is not UTF-8", refused.Error, StringComparison.Ordinal);
        Assert.EndsWith("(--encoding)\n", refused.Error, StringComparison.Ordinal);
        Assert.Contains("4 images, 4 of them usable, 2 classes", read.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--group-by", "p\\d+", "'--group-by' cannot be p\\d+: the expression has no group")]
    [InlineData("--encoding", "klingon", "'--encoding' cannot be klingon: no encoding has this name")]
    [InlineData("--layout", "folders", "'--layout' cannot be 'folders': it is one of auto, parts, classes")]
    public void Values_that_cannot_be_used_are_refused(string flag, string value, string reason)
    {
        foreach (string[] verb in new string[][] { ["train", "x"], ["doctor", _folder.Root] })
        {
            Outcome outcome = Cli.Run([.. verb, flag, value]);

            Assert.Equal(ExitCode.BadUsage, outcome.Code);
            Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_doctor_names_a_lost_class_and_goes_on()
    {
        Add("a/1.png", "a/2.png", "b/1.png", "b/2.png");
        Directory.CreateDirectory(Path.Combine(_folder.Root, "nut"));

        Outcome outcome = Cli.Run("doctor", _folder.Root);

        Assert.Equal(ExitCode.Done, outcome.Code);
        Assert.Contains("the folder 'nut' gives no image and is left out", outcome.Progress, StringComparison.Ordinal);
    }

    private void Add(params string[] paths)
    {
        foreach (string path in paths)
        {
            using Image noise = Image.Gaussnoise(40, 40, mean: 128, sigma: 40, seed: ++_pictures);
            using Image bytes = noise.Cast(Enums.BandFormat.Uchar);
            _folder.Write(path, bytes.PngsaveBuffer());
        }
    }
}
