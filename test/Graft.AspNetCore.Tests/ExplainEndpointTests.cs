using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;
using NetVips;

namespace Graft.AspNetCore.Tests;

public sealed class ExplainEndpointTests
{
    private static readonly byte[] Halves = HalfBlueHalfRed();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/explain?label=blue", "blue", 0, 31)]
    [InlineData("/explain?label=red", "red", 31, 0)]
    [InlineData("/models/colours/explain?label=red", "red", 31, 0)]
    [InlineData("/models/colours/versions/7/explain?label=red", "red", 31, 0)]
    public async Task The_map_of_a_class_is_warm_where_its_colour_is(string path, string label, int hot, int cold)
    {
        await using TestServer server = await TestServer.StartAsync(model: new() { Version = "7" });

        (int status, JsonElement body) = await TestServer.ReadAsync(
            await server.PostAsync(TestServer.Image(Halves), path)
        );

        Assert.Equal(200, status);
        Assert.Equal("colours", body.GetProperty("model").GetString());
        Assert.Equal("7", body.GetProperty("version").GetString());
        JsonElement answer = body.GetProperty("explanations")[0];
        Assert.Equal(label, answer.GetProperty("label").GetString());
        Assert.InRange(answer.GetProperty("probability").GetDouble(), 0.3, 0.7);
        JsonElement heat = answer.GetProperty("heat");
        Assert.Equal((24, 32), (heat.GetArrayLength(), heat[0].GetArrayLength()));
        Assert.Equal(1, heat[12][hot].GetDouble(), 0.01);
        Assert.Equal(0, heat[12][cold].GetDouble());
    }

    [Theory]
    [InlineData("image/png", true)]
    [InlineData("image/*", true)]
    [InlineData("image/png, application/json;q=0.5", true)]
    [InlineData("application/json, image/png;q=0.5", false)]
    [InlineData("*/*", false)]
    public async Task A_caller_who_would_rather_have_a_picture_gets_one(string accept, bool isPicture)
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);

        HttpResponseMessage response = await server.PostAsync(TestServer.Image(Halves), "/explain?label=red");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(isPicture ? "image/png" : "application/json", response.Content.Headers.ContentType?.MediaType);
        if (isPicture)
        {
            using Image picture = Image.NewFromBuffer(await response.Content.ReadAsByteArrayAsync(Cancel));
            Assert.Equal((32, 24), (picture.Width, picture.Height));
            Assert.Equal([0d, 0, 255], picture[2, 12]); // blue does not speak for red
            Assert.True(picture[29, 12][1] > 150); // red alone has no green
        }
    }

    [Fact]
    public async Task Images_of_a_form_are_explained_in_their_order_and_a_bad_one_fails_alone()
    {
        await using TestServer server = await TestServer.StartAsync();
        using MultipartFormDataContent form = new()
        {
            { TestServer.Image(TinyClassifier.Png(20, 200, 30)), "images", "a.png" },
            { TestServer.Image("no image"u8.ToArray()), "images", "b.png" },
            { TestServer.Image(TinyClassifier.Png(200, 20, 30)), "images", "c.png" },
        };

        (int status, JsonElement body) = await TestServer.ReadAsync(await server.PostAsync(form, "/explain"));

        Assert.Equal(200, status);
        JsonElement[] answers = [.. body.GetProperty("explanations").EnumerateArray()];
        Assert.Equal(["a.png", "b.png", "c.png"], answers.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal("green", answers[0].GetProperty("label").GetString());
        Assert.Equal("red", answers[2].GetProperty("label").GetString());
        Assert.Contains("not an image", answers[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(answers[1].TryGetProperty("heat", out _));
    }

    [Fact]
    public async Task A_picture_of_several_images_is_refused()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("image/png"));
        using MultipartFormDataContent form = new()
        {
            { TestServer.Image(Halves), "images", "a.png" },
            { TestServer.Image(Halves), "images", "b.png" },
        };

        (int status, JsonElement body) = await TestServer.ReadAsync(await server.PostAsync(form, "/explain"));

        Assert.Equal(406, status);
        Assert.Contains("one image", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image/png", "/explain?label=yellow", 400, "'label' must be a class")]
    [InlineData("image/png", "/explain?label=red&label=blue", 400, "'label' must be one class")]
    [InlineData("image/png", "/models/other/explain", 404, "no model")]
    [InlineData("text/plain", "/explain", 415, "Send an image")]
    public async Task A_request_of_another_form_is_refused_with_its_reason(
        string type,
        string path,
        int expected,
        string reason
    )
    {
        await using TestServer server = await TestServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync(TestServer.Image(Halves, type), path);
        (int status, JsonElement body) = await TestServer.ReadAsync(response);

        Assert.Equal(expected, status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(reason, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_cannot_be_used_is_a_problem_without_a_path_of_the_server()
    {
        await using TestServer server = await TestServer.StartAsync();

        (int status, JsonElement body) = await TestServer.ReadAsync(
            await server.PostAsync(TestServer.Image("no image"u8.ToArray()), "/explain")
        );

        Assert.Equal(422, status);
        Assert.StartsWith(
            "The image cannot be used: not an image",
            body.GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_key_and_the_limits_of_predictions_hold_for_explanations()
    {
        await using TestServer locked = await TestServer.StartAsync(new() { ApiKey = "0123456789abcdef" });
        await using TestServer small = await TestServer.StartAsync(new() { RequestBytes = 1024 });

        HttpResponseMessage keyless = await locked.PostAsync(TestServer.Image(Halves), "/explain");
        HttpResponseMessage large = await small.PostAsync(TestServer.Image(new byte[2048]), "/explain");

        Assert.Equal(HttpStatusCode.Unauthorized, keyless.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task A_model_without_feature_maps_says_so_and_still_predicts()
    {
        OnnxModel model = TinyClassifier.Network();
        NodeProto pool = model.Graph.Node.Single(node => node.OpType == "GlobalAveragePool");
        pool.OpType = "ReduceMean";
        model.Graph.Initializer.Add(TensorValues.FromInt64s("axes", [2], [2, 3]));
        pool.Input.Add("axes");
        model.SetMetadata(ModelCard.MetadataKey, TinyClassifier.Card(model).ToJson());
        await using TestServer server = await TestServer.StartAsync(file: model.ToBytes());

        foreach (int _ in Enumerable.Range(0, 2)) // the refusal is remembered
        {
            (int status, JsonElement body) = await TestServer.ReadAsync(
                await server.PostAsync(TestServer.Image(Halves), "/explain")
            );
            Assert.Equal(501, status);
            Assert.DoesNotContain(
                server.ModelPath,
                body.GetProperty("detail").GetString(),
                StringComparison.Ordinal
            );
        }

        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(TestServer.Image(Halves))).StatusCode);
    }

    [Fact]
    public async Task An_answer_of_a_file_that_is_gone_is_not_explained_by_another_one()
    {
        await using TestServer server = await TestServer.StartAsync(model: new() { ReloadInterval = TimeSpan.Zero });
        File.WriteAllBytes(server.ModelPath, TinyClassifier.Model(card => card with { CreatedBy = "another" }));

        HttpResponseMessage changed = await server.PostAsync(TestServer.Image(Halves), "/explain");
        File.Delete(server.ModelPath);
        HttpResponseMessage gone = await server.PostAsync(TestServer.Image(Halves), "/explain");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, changed.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, gone.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(TestServer.Image(Halves))).StatusCode);
    }

    [Fact]
    public async Task Explanations_beyond_the_queue_are_refused_and_a_cancelled_one_makes_room()
    {
        using ExplanationTurns turns = new(new() { Workers = 1, QueueLength = 1 });
        using ManualResetEventSlim open = new();
        using CancellationTokenSource leave = new();
        Task<int> Ask(CancellationToken cancel) =>
            turns.RunAsync(
                () =>
                {
                    open.Wait(Cancel);
                    return 1;
                },
                "m",
                cancel
            );

        Task<int> running = Ask(Cancel);
        Task<int> waiting = Ask(leave.Token);
        await Assert.ThrowsAsync<QueueFullException>(() => Ask(Cancel));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Task<int> next = Ask(Cancel);
        open.Set();

        Assert.Equal(1, await running);
        Assert.Equal(1, await next);
    }

    private static byte[] HalfBlueHalfRed()
    {
        Vips.Prepare();
        using Image blue = Image.Black(60, 90, bands: 3).Linear([1], [0, 0, 255], uchar: true);
        using Image red = Image.Black(60, 90, bands: 3).Linear([1], [255, 0, 0], uchar: true);
        return blue.Join(red, Enums.Direction.Horizontal).PngsaveBuffer();
    }
}
