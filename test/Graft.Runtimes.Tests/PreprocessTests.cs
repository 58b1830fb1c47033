using System.Text.Json.Nodes;
using Graft.Imaging;
using NetVips;

namespace Graft.Runtimes.Tests;

/// <summary>graft-predict.js makes the bytes that Graft makes, for every rule and kernel.</summary>
public sealed class PreprocessTests
{
    private const string Program = """
        import { readFile } from "node:fs/promises";
        import { preprocess } from "graft-predict";
        let count = 0;
        for (const { pixels, width, height, card, expected } of JSON.parse(await readFile(process.argv[2], "utf8"))) {
          const values = preprocess({ data: await readFile(pixels), width, height }, card);
          const bytes = await readFile(expected);
          const wrong = values.findIndex((value, i) => value !== bytes[i]);
          if (values.length !== bytes.length || wrong >= 0) {
            throw new Error(`${expected}: value ${wrong} is ${values[wrong]} instead of ${bytes[wrong]}`);
          }
          count++;
        }
        console.log(count);
        """;

    // Less than four times the input: Graft shrinks larger pictures while it decodes them.
    private static readonly (int Width, int Height)[] s_sizes = [(180, 150), (41, 97), (210, 37), (64, 48), (8, 8)];

    [Fact]
    public async Task Every_rule_and_kernel_gives_the_bytes_of_Graft()
    {
        string node = RequiredTool.Find("node");
        using TemporaryFolder folder = new();
        folder.Write("package.json", """{"type":"module"}""");
        Directory.CreateDirectory(Path.Combine(folder.Root, "node_modules"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "node_modules", "graft-predict"), Programs.Module);
        JsonArray cases = [];
        foreach ((int width, int height) in s_sizes)
        {
            (string png, string pixels) = Draw(folder, width, height);
            foreach (ResizeRule rule in Enum.GetValues<ResizeRule>())
            {
                foreach (Interpolation kernel in Enum.GetValues<Interpolation>())
                {
                    Preprocessing preprocessing = Describe(rule, kernel);
                    string name = $"{width}x{height}-{rule}-{kernel}";
                    string expected = folder.Write(name, new Preprocessor(preprocessing).Render(png));
                    cases.Add(
                        new JsonObject
                        {
                            ["pixels"] = pixels,
                            ["width"] = width,
                            ["height"] = height,
                            ["card"] = JsonNode.Parse(CardOf(preprocessing)),
                            ["expected"] = expected,
                        }
                    );
                }
            }
        }

        string list = folder.Write("cases.json", cases.ToJsonString());
        string output = await Programs.RunAsync(folder.Root, node, folder.Write("test.mjs", Program), list);

        Assert.Equal($"{cases.Count}\n", output);
    }

    // Odd numbers everywhere: centres and padding fall on half pixels.
    private static Preprocessing Describe(ResizeRule rule, Interpolation kernel) =>
        new()
        {
            Width = 53,
            Height = 40,
            Resize = rule,
            ResizeShorter = 61,
            Interpolation = kernel,
            Mean = new(123.675f, 116.28f, 103.53f),
        };

    private static string CardOf(Preprocessing preprocessing) =>
        (TinyClassifier.Card(TinyClassifier.Network()) with { Preprocessing = preprocessing }).ToJson();

    // Waves and noise, so that every weight counts. The bytes are those that libvips stores in the PNG.
    private static (string Png, string Pixels) Draw(TemporaryFolder folder, int width, int height)
    {
        byte[] pixels = new byte[3 * width * height];
        Random random = new(width);
        for (int i = 0; i < pixels.Length; i++)
        {
            double wave = 100 * Math.Sin(i / 3 % width * 0.21) * Math.Cos(i / 3 / width * 0.17);
            pixels[i] = (byte)Math.Clamp(128 + wave + random.Next(-40, 40), 0, 255);
        }

        using Image image = Image.NewFromMemory(pixels, width, height, 3, Enums.BandFormat.Uchar);
        using Image colour = image.Copy(interpretation: Enums.Interpretation.Srgb);
        string name = $"{width}x{height}";
        return (folder.Write(name + ".png", colour.PngsaveBuffer()), folder.Write(name + ".rgb", pixels));
    }
}
