using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Graft.AspNetCore;
using Graft.Prediction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Graft.Bench;

/// <summary>
/// Compares a server under load with <see cref="Predictor.PredictMany"/> on the same images. The clients run on the
/// same cores, so their work counts against the server.
/// </summary>
internal static class ServeBench
{
    /// <param name="model">An exported ONNX file.</param>
    /// <param name="folder">A folder with images at any depth.</param>
    /// <param name="settings">seconds=60, connections=64, attack=no, and bad=0.1: the share of non-images.</param>
    public static async Task RunAsync(string model, string folder, Settings settings)
    {
        TimeSpan time = TimeSpan.FromSeconds(settings.Number("seconds", 60));
        int connections = (int)settings.Number("connections", 64);
        string[] files = Files(folder);
        byte[][] images = [.. files.Select(File.ReadAllBytes)];
        WebApplication program = Server(model);
        await using (program.ConfigureAwait(false))
        {
            await program.StartAsync();
            Uri address = new(program.Urls.First());
            await LoadAsync(address, images, connections, TimeSpan.FromSeconds(3), 0); // warm-up
            double before = PredictMany(model, files, time / 4);
            long memory = Memory();
            Load load = await LoadAsync(address, images, connections, time, settings.Number("bad", 0.1));
            long grown = Memory() - memory;
            double after = PredictMany(model, files, time / 4);
            double many = (before + after) / 2;
            double rate = load.Good / time.TotalSeconds;
            double[] sorted = [.. load.Seconds.Order()];
            Console.WriteLine($"PredictMany: {before:0.0} and {after:0.0} images/s");
            Console.WriteLine(
                $"server: {rate:0.0} images/s, {rate / many:0.00} of it; "
                    + $"{load.Good} good, {load.Bad} bad, {load.Failed} wrongly answered"
            );
            Console.WriteLine(
                $"latency: median {1000 * At(sorted, 0.5):0} ms, 99 %: {1000 * At(sorted, 0.99):0} ms "
                    + $"({At(sorted, 0.99) / At(sorted, 0.5):0.0}x); memory {memory >> 20} MB, {grown >> 20:+0;-0} MB"
            );
            if (settings.Text("attack") is "yes")
            {
                await AttackAsync(address, images[0]);
            }
        }
    }

    private static WebApplication Server(string model)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddGraftPredictor(model);
        WebApplication program = builder.Build();
        program.MapGraft();
        return program;
    }

    private static async Task<Load> LoadAsync(
        Uri address,
        byte[][] images,
        int connections,
        TimeSpan time,
        double badShare
    )
    {
        using HttpClient client = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        ConcurrentBag<double> seconds = [];
        int good = 0;
        int bad = 0;
        int failed = 0;
        Stopwatch watch = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, connections)
                .Select(async connection =>
                {
                    Random random = new(connection); // not for secrets: which image comes next
                    while (watch.Elapsed < time)
                    {
                        bool isBad = random.NextDouble() < badShare;
                        byte[] body = isBad ? [1, 2, 3] : images[random.Next(images.Length)];
                        long start = Stopwatch.GetTimestamp();
                        HttpStatusCode status = await PostAsync(client, body);
                        if (status == HttpStatusCode.OK && !isBad)
                        {
                            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                            Interlocked.Increment(ref good);
                        }
                        else
                        {
                            Interlocked.Increment(
                                ref status == HttpStatusCode.UnprocessableEntity && isBad ? ref bad : ref failed
                            );
                        }
                    }
                })
        );
        return new(good, bad, failed, [.. seconds]);
    }

    // What hostile clients do; a good request must be answered in the middle of it and after it.
    private static async Task AttackAsync(Uri address, byte[] image)
    {
        const int Slow = 500;
        const int Turns = 100_000;
        List<TcpClient> slow = [];
        for (int i = 0; i < Slow; i++)
        {
            TcpClient client = new();
            await client.ConnectAsync(address.Host, address.Port);
            byte[] head =
                "POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\n"u8.ToArray();
            await client.GetStream().WriteAsync(head);
            slow.Add(client);
        }

        using HttpClient good = new() { BaseAddress = address };
        Console.WriteLine($"with {Slow} slow uploads: {await PostAsync(good, image)}");
        using HttpRequestMessage large = new(HttpMethod.Post, "/predict")
        {
            Content = new StreamContent(new EndlessZeros(1L << 30)),
        };
        large.Content.Headers.ContentType = new("image/png");
        large.Headers.TransferEncodingChunked = true;
        Console.WriteLine($"1 GB: {await StatusAsync(good, large)}; then {await PostAsync(good, image)}");
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < Turns; i++)
        {
            using TcpClient client = new();
            await client.ConnectAsync(address.Host, address.Port);
            client.LingerState = new(enable: true, seconds: 0); // no port waits for its last packets
        }

        Console.WriteLine(
            $"{Turns:N0} connections in turn, {watch.Elapsed.TotalSeconds:0} s: then {await PostAsync(good, image)}"
        );
        slow.ForEach(client => client.Dispose());
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, byte[] body)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new("image/jpeg");
        using HttpResponseMessage response = await client.PostAsync("/predict", content);
        return response.StatusCode;
    }

    private static async Task<string> StatusAsync(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request);
            return response.StatusCode.ToString();
        }
        catch (HttpRequestException error)
        {
            return $"the connection was closed ({error.HttpRequestError})";
        }
    }

    private static double PredictMany(string model, string[] files, TimeSpan time)
    {
        using Predictor predictor = Predictor.Load(model);
        int count = 0;
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed < time)
        {
            count += predictor.PredictMany(files).Count();
        }

        return count / watch.Elapsed.TotalSeconds;
    }

    private static string[] Files(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Take(200),
        ];

    private static long Memory()
    {
        GC.Collect();
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];

    private sealed record Load(int Good, int Bad, int Failed, double[] Seconds);
}
