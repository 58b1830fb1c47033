using System.Net;
using System.Text;
using System.Text.Json;
using Graft.Prediction;

namespace Graft.AspNetCore.Tests;

public sealed class PredictEndpointTests
{
    private static readonly byte[] Blue = TinyClassifier.Png(20, 30, 220);
    private static readonly byte[] Red = TinyClassifier.Png(220, 30, 20);

    [Theory]
    [InlineData("image/png")]
    [InlineData("application/octet-stream")]
    public async Task An_image_as_the_body_gets_its_label(string type)
    {
        await using TestServer server = await TestServer.StartAsync();

        (int status, JsonElement body) = await TestServer.ReadAsync(
            await server.PostAsync(TestServer.Image(Blue, type))
        );

        Assert.Equal(200, status);
        JsonElement answer = body.GetProperty("predictions")[0];
        Assert.Equal("blue", answer.GetProperty("label").GetString());
        Assert.Equal("[\"blue\"]", answer.GetProperty("labels").GetRawText());
        Assert.True(answer.GetProperty("isSure").GetBoolean());
        Assert.Equal(3, answer.GetProperty("scores").GetArrayLength());
        Assert.Equal("colours", body.GetProperty("model").GetString());
        Assert.Equal(server.Models.Default.Version, body.GetProperty("version").GetString());
    }

    [Theory]
    [InlineData(255, 0, 0, "red", "")]
    [InlineData(255, 255, 0, "", "green red")] // 0.47 each, which is not sure
    [InlineData(0, 255, 0, "green", "")]
    public async Task A_model_of_several_labels_answers_with_all_of_them(
        byte red,
        byte green,
        byte blue,
        string labels,
        string unsure
    )
    {
        await using TestServer server = await TestServer.StartAsync(card: card =>
            card with
            {
                Task = ClassificationTask.MultiLabel,
                Thresholds = [0.4, 0.4, 0.4],
                UnsureBelow = 0.6,
            }
        );

        (int status, JsonElement body) = await TestServer.ReadAsync(
            await server.PostAsync(TestServer.Image(TinyClassifier.Png(red, green, blue)))
        );

        Assert.Equal(200, status);
        JsonElement answer = body.GetProperty("predictions")[0];
        Assert.Equal(labels, Names(answer.GetProperty("labels")));
        Assert.Equal(unsure, answer.TryGetProperty("unsureLabels", out JsonElement list) ? Names(list) : "");
        Assert.Equal(unsure.Length == 0, answer.GetProperty("isSure").GetBoolean());

        static string Names(JsonElement list) =>
            string.Join(' ', list.EnumerateArray().Select(one => one.GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Images_of_a_form_are_answered_in_their_order_and_a_bad_one_fails_alone()
    {
        await using TestServer server = await TestServer.StartAsync();
        using MultipartFormDataContent form = new()
        {
            { TestServer.Image(Blue), "images", "folder/a.png" },
            { TestServer.Image("no image"u8.ToArray()), "images", "b.png" },
            { TestServer.Image(Red), "images", "c.png" },
        };

        (int status, JsonElement body) = await TestServer.ReadAsync(await server.PostAsync(form));

        Assert.Equal(200, status);
        JsonElement[] answers = [.. body.GetProperty("predictions").EnumerateArray()];
        Assert.Equal(["a.png", "b.png", "c.png"], answers.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal("blue", answers[0].GetProperty("label").GetString());
        Assert.Equal("red", answers[2].GetProperty("label").GetString());
        Assert.Contains("not an image", answers[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(answers[1].TryGetProperty("label", out _));
    }

    [Fact]
    public async Task Images_as_base64_in_JSON_are_answered()
    {
        await using TestServer server = await TestServer.StartAsync();
        string text = JsonSerializer.Serialize(
            new { images = new object[] { new { data = Red }, new { name = "b", data = Blue } } }
        );

        (int status, JsonElement body) = await TestServer.ReadAsync(
            await server.PostAsync(new StringContent(text, Encoding.UTF8, "application/json"))
        );

        Assert.Equal(200, status);
        Assert.Equal(
            ["image 1: red", "b: blue"],
            body.GetProperty("predictions")
                .EnumerateArray()
                .Select(one => $"{one.GetProperty("name").GetString()}: {one.GetProperty("label").GetString()}")
        );
    }

    [Fact]
    public async Task A_single_image_that_cannot_be_used_is_a_problem_without_advice_for_training()
    {
        await using TestServer server = await TestServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync(TestServer.Image(Blue[..60]));
        (int status, JsonElement body) = await TestServer.ReadAsync(response);

        Assert.Equal(422, status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        string detail = body.GetProperty("detail").GetString()!;
        Assert.StartsWith("The image cannot be used: ", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("ignore.txt", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", "hello", "/predict", 415, "Send an image")]
    [InlineData("application/json", "{", "/predict", 400, "The JSON must be")]
    [InlineData("application/json", "{\"images\":[null]}", "/predict", 400, "The JSON must be")]
    [InlineData("application/json", "{\"images\":[]}", "/predict", 400, "no image")]
    [InlineData("application/json", "{\"images\":[{\"data\":\"%%\"}]}", "/predict", 400, "The JSON must be")]
    [InlineData("multipart/form-data", "x", "/predict", 400, "boundary")]
    [InlineData("multipart/form-data; boundary=b", "x", "/predict", 400, "The form")]
    [InlineData(
        "multipart/form-data; boundary=b",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--",
        "/predict",
        400,
        "no file"
    )]
    [InlineData("image/png", "", "/predict", 400, "no image")]
    [InlineData("image/png", "x", "/predict?top=0", 400, "'top'")]
    [InlineData("image/png", "x", "/models/other/predict", 404, "no model")]
    public async Task A_request_of_another_form_is_refused_with_its_reason(
        string type,
        string text,
        string path,
        int expected,
        string reason
    )
    {
        await using TestServer server = await TestServer.StartAsync();
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(text));
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", type));

        (int status, JsonElement body) = await TestServer.ReadAsync(await server.PostAsync(content, path));

        Assert.Equal(expected, status);
        Assert.Contains(reason, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_above_the_limit_is_refused_whether_or_not_it_states_its_length(bool isChunked)
    {
        await using TestServer server = await TestServer.StartAsync(new() { RequestBytes = 2048 });
        using HttpRequestMessage request = new(HttpMethod.Post, "/predict")
        {
            Content = TestServer.Image(new byte[4096]),
        };
        request.Headers.TransferEncodingChunked = isChunked;

        HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task More_images_than_the_limit_are_refused()
    {
        await using TestServer server = await TestServer.StartAsync(new() { Images = 2 });
        using MultipartFormDataContent form = [];
        for (int i = 0; i < 3; i++)
        {
            form.Add(TestServer.Image(Blue), "images", $"{i}.png");
        }

        (int status, JsonElement body) = await TestServer.ReadAsync(await server.PostAsync(form));

        Assert.Equal(413, status);
        Assert.Contains("more than 2 images", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Uploads_beyond_the_memory_of_the_server_are_refused_until_others_have_ended()
    {
        ByteBudget budget = new(100);
        using (ByteBudget.Share first = budget.Open())
        {
            first.Take(80);
            using ByteBudget.Share second = budget.Open();
            RefusedRequestException refused = Assert.Throws<RefusedRequestException>(() => second.Take(30));
            Assert.Equal(503, refused.Status);
            second.Take(20);
        }

        using ByteBudget.Share third = budget.Open();
        third.Take(100);
    }

    [Fact]
    public async Task The_models_and_their_classes_are_listed()
    {
        await using TestServer server = await TestServer.StartAsync(model: new() { Name = "c", Version = "7" });

        (int status, JsonElement body) = await TestServer.ReadAsync(
            await server.Client.GetAsync("/models", TestContext.Current.CancellationToken)
        );

        Assert.Equal(200, status);
        Assert.Equal("c 7", $"{body[0].GetProperty("name").GetString()} {body[0].GetProperty("version").GetString()}");
        Assert.Equal(3, body[0].GetProperty("labels").GetArrayLength());
        Assert.Equal(
            HttpStatusCode.OK,
            (await server.PostAsync(TestServer.Image(Blue), "/models/c/versions/7/predict")).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await server.PostAsync(TestServer.Image(Blue), "/models/c/versions/8/predict")).StatusCode
        );
    }
}
