using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Graft.AspNetCore.Tests;

public sealed class ServerBehaviourTests
{
    private const string Key = "0123456789abcdef";
    private static readonly byte[] Blue = TinyClassifier.Png(20, 30, 220);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData("X-Api-Key", "0123456789abcdeX", 401)]
    [InlineData("Authorization", Key, 401)]
    [InlineData("X-Api-Key", Key, 200)]
    [InlineData("Authorization", "Bearer " + Key, 200)]
    public async Task A_server_with_a_key_answers_only_those_who_bring_it(string? header, string? value, int expected)
    {
        await using TestServer server = await TestServer.StartAsync(new() { ApiKey = Key });
        if (header is not null)
        {
            server.Client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        }

        Assert.Equal(expected, (int)(await server.PostAsync(TestServer.Image(Blue))).StatusCode);
        Assert.Equal(expected, (int)(await server.Client.GetAsync("/models", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/ready", Cancel)).StatusCode);
    }

    [Fact]
    public async Task An_address_that_asks_too_often_is_told_to_wait()
    {
        await using TestServer server = await TestServer.StartAsync(new() { RequestsPerSecond = 2 });

        List<HttpResponseMessage> answers = [];
        for (int i = 0; i < 5; i++)
        {
            answers.Add(await server.PostAsync(TestServer.Image(Blue)));
        }

        Assert.Equal(HttpStatusCode.OK, answers[0].StatusCode);
        HttpResponseMessage refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_request_that_does_not_arrive_in_time_is_given_up()
    {
        await using TestServer server = await TestServer.StartAsync(new() { Timeout = TimeSpan.FromSeconds(1) });
        using TcpClient client = new();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Cancel);
        NetworkStream stream = client.GetStream();

        await stream.WriteAsync(
            "POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 100\r\n\r\nx"u8.ToArray(),
            Cancel
        );
        byte[] answer = new byte[1000];
        int length = await stream.ReadAsync(answer, Cancel);

        Assert.StartsWith("HTTP/1.1 503", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(TestServer.Image(Blue))).StatusCode);
    }

    [Fact]
    public async Task Many_good_and_bad_requests_at_once_each_get_their_own_answer()
    {
        await using TestServer server = await TestServer.StartAsync();

        int[] statuses = await Task.WhenAll(
            Enumerable
                .Range(0, 64)
                .Select(async i =>
                    (int)(await server.PostAsync(TestServer.Image(i % 4 == 0 ? [1, 2, 3] : Blue))).StatusCode
                )
        );

        Assert.All(statuses.Index(), one => Assert.Equal(one.Index % 4 == 0 ? 422 : 200, one.Item));
    }

    [Fact]
    public async Task Requests_that_have_begun_are_answered_when_the_server_stops()
    {
        await using TestServer server = await TestServer.StartAsync();
        Task<HttpResponseMessage>[] asked =
        [
            .. Enumerable.Range(0, 16).Select(_ => server.PostAsync(TestServer.Image(Blue))),
        ];
        await Task.WhenAny(asked);

        await server.StopAsync();

        foreach (Task<HttpResponseMessage> one in asked)
        {
            // a connection that was not accepted yet may be refused; what was accepted is answered
            if (one.IsCompletedSuccessfully)
            {
                Assert.Equal(HttpStatusCode.OK, (await one).StatusCode);
            }
        }

        Assert.Contains(asked, one => one.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/graft")]
    public async Task The_page_asks_no_other_server_and_names_files_that_exist(string prefix)
    {
        await using TestServer server = await TestServer.StartAsync(prefix: prefix);

        HttpResponseMessage page = await server.Client.GetAsync($"{prefix}/", Cancel);
        string html = await page.Content.ReadAsStringAsync(Cancel);

        Assert.Contains(
            "default-src 'none'",
            page.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal
        );
        foreach (string file in (string[])["page.js", "page.css"])
        {
            Assert.Contains($"\"{file}\"", html, StringComparison.Ordinal);
            string content = await server.Client.GetStringAsync($"{prefix}/{file}", Cancel);
            Assert.DoesNotContain(
                "//",
                html + content.Replace("// ", "", StringComparison.Ordinal),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task The_page_of_a_prefix_without_its_slash_leads_to_the_page()
    {
        await using TestServer server = await TestServer.StartAsync(prefix: "/graft");

        HttpResponseMessage page = await server.Client.GetAsync("/graft", Cancel);

        Assert.Equal("/graft/", page.RequestMessage!.RequestUri!.AbsolutePath);
    }

    [Fact]
    public async Task A_server_without_a_page_serves_none()
    {
        await using TestServer server = await TestServer.StartAsync(new() { HasPage = false });

        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync("/", Cancel)).StatusCode);
    }
}
