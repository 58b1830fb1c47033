using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Graft.AspNetCore.Tests;

public sealed class ServedModelTests : IDisposable
{
    private static readonly byte[] Blue = TinyClassifier.Png(20, 30, 220);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(0.1);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_changed_file_answers_without_losing_a_request()
    {
        string path = _folder.Write("m.onnx", TinyClassifier.Model());
        await using ServedModel model = new(path, new() { ReloadInterval = Soon }, NullLogger.Instance);
        string before = model.Version;
        HashSet<string> versions = [];

        File.WriteAllBytes(path, TinyClassifier.Model(card => card with { CreatedBy = "another" }));
        for (int i = 0; !versions.Contains(model.Version) || model.Version == before; i++)
        {
            Assert.True(i < 10_000, "the changed file was not loaded");
            ServedPrediction answer = await model.PredictAsync(Blue, "a", Cancel);
            Assert.Equal("blue", answer.Result.Prediction?.Label);
            versions.Add(answer.Version);
            await Task.Delay(1, Cancel);
        }

        Assert.Equal([before, model.Version], versions);
        Assert.Equal("another", model.Card.CreatedBy);
    }

    [Fact]
    public async Task A_file_that_is_no_model_any_more_leaves_the_old_one_answering()
    {
        string path = _folder.Write("m.onnx", TinyClassifier.Model());
        WarningLog log = new();
        await using ServedModel model = new(path, new() { ReloadInterval = Soon }, log);
        string before = model.Version;

        File.WriteAllText(path, "no model");
        await log.Warned.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal(before, (await model.PredictAsync(Blue, "a", Cancel)).Version);
    }

    [Fact]
    public async Task Images_beyond_the_queue_are_refused_and_those_in_it_are_answered_together()
    {
        using LoadedModelLock held = new(_folder.Write("m.onnx", TinyClassifier.Model()));
        ServedModelOptions options = new()
        {
            Workers = 1,
            BatchSize = 8,
            QueueLength = 8,
        };
        BatchWorkers workers = new(options, held.Use);
        WaitingImage first = new(Blue, "first", Cancel);
        Assert.True(workers.TryAdd(first));
        held.Asked.Wait(Cancel); // the worker holds the first image

        WaitingImage[] waiting = [.. Enumerable.Range(0, 8).Select(i => new WaitingImage(Blue, $"{i}", Cancel))];
        Assert.All(waiting, image => Assert.True(workers.TryAdd(image)));
        Assert.False(workers.TryAdd(new(Blue, "too many", Cancel)));
        held.Open.Set();
        await workers.CompleteAsync();

        Assert.Equal("first", (await first.Answer).Result.Path);
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => $"{i}"),
            waiting.Select(image => image.Answer.Result.Result.Path)
        );
        Assert.Equal(2, held.Uses); // one alone, and eight in one batch
    }

    [Fact]
    public async Task A_caller_who_has_gone_costs_no_prediction()
    {
        using LoadedModelLock held = new(_folder.Write("m.onnx", TinyClassifier.Model()));
        BatchWorkers workers = new(new() { Workers = 1 }, held.Use);
        Assert.True(workers.TryAdd(new(Blue, "first", Cancel)));
        held.Asked.Wait(Cancel);

        Assert.True(workers.TryAdd(new(Blue, "gone", new CancellationToken(canceled: true))));
        held.Open.Set();
        await workers.CompleteAsync();

        Assert.Equal(1, held.Uses);
    }

    [Fact]
    public async Task Two_versions_of_a_model_answer_side_by_side_and_the_last_one_by_default()
    {
        string path = _folder.Write("m.onnx", TinyClassifier.Model());
        await using ServiceProvider services = Services()
            .AddGraftPredictor(path, new() { Name = "m", Version = "1" })
            .AddGraftPredictor(path, new() { Name = "m", Version = "2" })
            .BuildServiceProvider();

        ServedModels models = services.GetRequiredService<ServedModels>();

        Assert.Equal(2, models.Count);
        Assert.Equal("2", models.Find("m")?.Version);
        Assert.Equal("1", models.Find("m", "1")?.Version);
        Assert.Null(models.Find("m", "3"));
    }

    [Fact]
    public async Task Two_models_of_one_name_and_version_are_refused()
    {
        string path = _folder.Write("m.onnx", TinyClassifier.Model());
        await using ServiceProvider services = Services()
            .AddGraftPredictor(path)
            .AddGraftPredictor(path)
            .BuildServiceProvider();

        OptionsException error = Assert.Throws<OptionsException>(services.GetRequiredService<ServedModels>);

        Assert.Contains("two models have this name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_model_stops_the_start()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddGraftPredictor(_folder.Write("m.onnx", "no model"u8.ToArray()));
        await using WebApplication program = builder.Build();

        GraftException error = await Assert.ThrowsAnyAsync<GraftException>(() => program.StartAsync(Cancel));

        Assert.Contains("m.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_named_together()
    {
        OptionsException model = Assert.Throws<OptionsException>(() =>
            Services()
                .AddGraftPredictor(
                    "m.onnx",
                    new()
                    {
                        Name = "a/b",
                        BatchSize = 0,
                        QueueLength = 0,
                        Workers = -1,
                    }
                )
        );
        OptionsException endpoint = Assert.Throws<OptionsException>(() =>
            new EndpointOptions
            {
                ApiKey = "short",
                Images = 0,
                RequestBytes = 1,
            }.Checked()
        );

        Assert.Equal(["Name", "Workers", "BatchSize", "QueueLength"], model.Problems.Select(one => one.Property));
        Assert.Equal(["ApiKey", "RequestBytes", "Images"], endpoint.Problems.Select(one => one.Property));
        Assert.DoesNotContain("short", endpoint.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runs/parts/model.onnx", "parts")]
    [InlineData("flowers.onnx", "flowers")]
    [InlineData("my flowers!.onnx", "my-flowers-")]
    public async Task A_model_without_a_name_is_named_by_its_file_or_its_run(string path, string expected)
    {
        string file = Path.Combine(_folder.Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, TinyClassifier.Model());

        await using ServedModel model = new(file, new(), NullLogger.Instance);

        Assert.Equal(expected, model.Name);
    }

    private static ServiceCollection Services()
    {
        ServiceCollection services = [];
        services.AddLogging();
        return services;
    }
}
