using System.Net;
using System.Net.Http.Json;

namespace Graft.Studio.Tests;

public sealed class AccessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/api/data/")]
    [InlineData("/api/runs/")]
    [InlineData("/app.js")]
    [InlineData("/?key=0123")]
    public async Task Without_the_key_nothing_is_answered(string address)
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        using HttpClient stranger = new() { BaseAddress = client.Http.BaseAddress };

        HttpResponseMessage answer = await stranger.GetAsync(address, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task The_key_leaves_the_address_and_becomes_a_cookie_that_scripts_cannot_read()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        using HttpClientHandler handler = new() { AllowAutoRedirect = false };
        using HttpClient browser = new(handler);

        HttpResponseMessage answer = await browser.GetAsync(client.Studio.Address, Cancel);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/", answer.Headers.Location!.ToString());
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("studio.example")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.1.example")]
    public async Task Another_host_is_refused_even_with_the_cookie(string host)
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/data/");
        request.Headers.Host = host;

        HttpResponseMessage answer = await client.Http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://studio.example")]
    [InlineData("null")]
    public async Task Another_origin_changes_nothing(string? origin)
    {
        await using StudioClient client = await StudioClient.StartAsync();
        client.Http.DefaultRequestHeaders.Remove("Origin");
        if (origin is not null)
        {
            client.Http.DefaultRequestHeaders.Add("Origin", origin);
        }

        HttpResponseMessage answer = await client.Http.PostAsJsonAsync(
            "/api/data/edit",
            new
            {
                action = "label",
                images = new[] { 0 },
                label = "x",
            },
            Cancel
        );

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(0, (await client.GetAsync("/api/data/")).GetProperty("changedCount").GetInt32());
    }

    [Fact]
    public async Task The_page_may_load_nothing_from_elsewhere()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);

        HttpResponseMessage answer = await client.Http.GetAsync("/", Cancel);

        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
    }
}
