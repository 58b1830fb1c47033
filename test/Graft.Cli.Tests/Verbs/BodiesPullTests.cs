using System.Net;
using System.Net.Sockets;

namespace Graft.Cli.Tests.Verbs;

[Collection(nameof(UserFolder))]
public sealed class BodiesPullTests(UserFolder user)
{
    [Fact]
    public void Weights_that_are_not_on_this_machine_are_asked_for_with_the_commands_that_bring_them()
    {
        string images = user.Folder.Root;

        Outcome outcome = Cli.Run("probe", images, "--body", "resnet18", "--out", Path.Combine(images, "run"));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        string line = Assert.Single(outcome.ErrorLines);
        Assert.Contains("`graft bodies pull resnet18`", line, StringComparison.Ordinal);
        Assert.Contains("`graft bodies add resnet18 FILE`", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_without_a_known_address_is_not_fetched()
    {
        Outcome outcome = Cli.Run("bodies", "pull", "mobilenet_v1_050");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("`graft bodies add mobilenet_v1_050 FILE`", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://example.org")]
    [InlineData("not an address")]
    public void A_mirror_that_is_no_web_address_is_refused(string mirror)
    {
        Outcome outcome = Cli.Run("bodies", "pull", "alexnet", "--mirror", mirror);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("cannot be the mirror", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_publishers_file_is_asked_of_the_mirror_of_the_option_or_the_environment(bool isOption)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string mirror = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/files/";
        Task<string?> asked = AnswerNotFound(listener);
        Environment.SetEnvironmentVariable("GRAFT_WEIGHTS_URL", isOption ? null : mirror);

        Outcome outcome = isOption
            ? Cli.Run("bodies", "pull", "resnet18", "--mirror", mirror)
            : Cli.Run("bodies", "pull", "resnet18");

        Environment.SetEnvironmentVariable("GRAFT_WEIGHTS_URL", null);
        Assert.Equal("GET /files/resnet18-f37072fd.pth HTTP/1.1", await asked);
        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("the server has no such file (404)", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_does_not_fit_is_not_added()
    {
        string file = user.Folder.Write("text.safetensors", "no weights");

        Outcome outcome = Cli.Run("bodies", "add", "resnet18", file);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Single(outcome.ErrorLines);
        Assert.Matches(@"\nresnet18 .* pull ", Cli.Run("bodies").Output);
    }

    [Fact]
    public void A_file_that_fits_is_added_and_listed_as_on_disk()
    {
        string file = SharedData.Find("weights/squeezenet1_1.fp16.safetensors");

        Outcome outcome = Cli.Run("bodies", "add", "SqueezeNet1.1", file);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Contains("BSD-2-Clause", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nsqueezenet1_1 .* on disk ", Cli.Run("bodies").Output);
    }

    private static async Task<string?> AnswerNotFound(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        using StreamReader reader = new(client.GetStream());
        string? line = await reader.ReadLineAsync();
        await client
            .GetStream()
            .WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        return line;
    }
}
