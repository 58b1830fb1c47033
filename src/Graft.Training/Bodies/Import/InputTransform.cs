using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>
/// What a foreign network was trained with, in the user's words: a name, or a JSON file such as
/// <c>{"size": 224, "resize": 256, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "range": 1, "order":
/// "rgb", "layout": "nchw", "interpolation": "bilinear"}</c>.
/// </summary>
internal sealed record InputTransform
{
    private const long LongestFile = 1 << 20;
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private static readonly Dictionary<string, (Func<int, int, Preprocessing> Make, string Meaning)> s_named = new(
        StringComparer.OrdinalIgnoreCase
    )
    {
        ["imagenet"] = (
            (resize, crop) => InputTransforms.ImageNet(resize, crop),
            "torchvision's and timm's usual: (x/255 - mean) / std of ImageNet"
        ),
        ["half"] = (
            (resize, crop) => InputTransforms.Half(resize, crop, Interpolation.Bilinear),
            "-1 to 1, TensorFlow's usual"
        ),
        ["caffe"] = (
            (resize, crop) =>
                InputTransforms.Caffe(103.939f, 116.779f, 123.68f) with
                {
                    ResizeShorter = resize,
                    Width = crop,
                    Height = crop,
                },
            "blue, green, red, less their means; VGG's and Keras's ResNet"
        ),
        ["raw"] = ((resize, crop) => Plain(resize, crop, 1), "0 to 255 as they are: the network normalises by itself"),
        ["zero-to-one"] = ((resize, crop) => Plain(resize, crop, 255), "x/255"),
    };

    private Func<int, int, Preprocessing>? Make { get; init; }

    private RecipeFile? File { get; init; }

    /// <summary>The names, each with its meaning, for messages.</summary>
    public static string Choices =>
        string.Join("; ", s_named.Select(entry => $"{entry.Key} ({entry.Value.Meaning})"))
        + "; or a JSON file with size, mean, std, order and layout";

    /// <summary>The layout that the user states; null where the file's is taken.</summary>
    public bool? IsChannelsLast =>
        File?.Layout is string layout ? layout.Equals("nhwc", StringComparison.OrdinalIgnoreCase) : null;

    /// <summary>The size that the user states; null where the network's or the usual one is taken.</summary>
    public (int Height, int Width)? Side => File?.Sides();

    /// <param name="text">A name or the path of a JSON file.</param>
    /// <exception cref="GraftException">It is neither, or the file's values make no recipe.</exception>
    public static InputTransform Parse(string text)
    {
        if (s_named.TryGetValue(text, out (Func<int, int, Preprocessing> Make, string Meaning) named))
        {
            return new() { Make = named.Make };
        }

        if (text.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return new() { File = Read(text) };
        }

        string hint = NearestName.Of(text, s_named.Keys) is string near ? $"did you mean '{near}'? " : "";
        throw new GraftException(
            $"'--input-recipe {Printable.Text(text)}' cannot be used: {hint}it is one of {Choices}"
        );
    }

    /// <summary>The recipe for a network of this input.</summary>
    public Preprocessing For(int height, int width)
    {
        int crop = Math.Max(height, width);
        int resize = UsualResize(crop);
        Preprocessing recipe = File is null ? Make!(resize, crop) : File.ToPreprocessing(resize);
        return (
            recipe with
            {
                Height = height,
                Width = width,
                ResizeShorter = Math.Max(recipe.ResizeShorter, crop),
            }
        ).Checked();
    }

    /// <summary>256 for 224: the shorter side before the crop where nobody says another.</summary>
    public static int UsualResize(int crop) => crop * 8 / 7;

    /// <summary>No normalisation: values in 0..255, divided by <paramref name="divisor"/>.</summary>
    public static Preprocessing Plain(int resize, int crop, float divisor) =>
        InputTransforms.Half(resize, crop, Interpolation.Bilinear) with
        {
            Mean = new(0, 0, 0),
            Deviation = new(divisor, divisor, divisor),
        };

    private static RecipeFile Read(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (file.Exists && file.Length > LongestFile)
            {
                throw new GraftException(
                    $"'{Printable.Text(path)}' cannot be used: {file.Length:N0} bytes are no recipe; name a JSON file with size, mean, std, order and layout"
                );
            }

            RecipeFile recipe = JsonSerializer.Deserialize<RecipeFile>(System.IO.File.ReadAllText(path), s_json)
                ?? throw new JsonException("it is null");
            recipe.Check(path);
            return recipe;
        }
        catch (JsonException error)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: it is no recipe ({Printable.Text(error.Message.ReplaceLineEndings(" ").TrimEnd('.'))}); its fields are size, resize, mean, std, range, order, layout and interpolation",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: {Printable.Text(error.Message.TrimEnd('.'))}; correct the recipe's path",
                error
            );
        }
    }

    /// <summary>The fields of a recipe's file.</summary>
    private sealed record RecipeFile
    {
        /// <summary>A number, or [height, width].</summary>
        public JsonElement? Size { get; init; }

        public int? Resize { get; init; }

        /// <summary>Red, green, blue, of values in 0..<see cref="Range"/>.</summary>
        public float[] Mean { get; init; } = [0, 0, 0];

        public float[] Std { get; init; } = [1, 1, 1];

        /// <summary>1 or 255: the largest value of a pixel that mean and std speak of.</summary>
        public int Range { get; init; } = 1;

        public string Order { get; init; } = "rgb";

        public string? Layout { get; init; }

        public string Interpolation { get; init; } = "bilinear";

        public (int Height, int Width)? Sides() =>
            Size switch
            {
                { ValueKind: JsonValueKind.Number } one when one.TryGetInt32(out int side) => (side, side),
                { ValueKind: JsonValueKind.Array } two
                    when two.GetArrayLength() == 2
                        && two.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out _)) =>
                    (two[0].GetInt32(), two[1].GetInt32()),
                _ => null,
            };

        public void Check(string path)
        {
            List<string> wrong = [];
            Add(
                wrong,
                Size is not null && Sides() is not { Height: >= 8 and <= 4096, Width: >= 8 and <= 4096 },
                "size is a side of 8 to 4096 pixels, or [height, width]"
            );
            Add(wrong, Resize is < 8 or > 4096, "resize lies between 8 and 4096");
            Add(
                wrong,
                Mean is not { Length: 3 } || Std is not { Length: 3 },
                "mean and std have three numbers, of red, green and blue"
            );
            Add(wrong, Range is not (1 or 255), "range is 1 or 255");
            Add(
                wrong,
                Range == 1 && Mean is { Length: 3 } && Mean.Any(m => Math.Abs(m) > 2),
                "a mean above 2 belongs to pixels of 0..255: say \"range\": 255"
            );
            Add(wrong, Order.ToLowerInvariant() is not ("rgb" or "bgr"), "order is rgb or bgr");
            Add(wrong, Layout?.ToLowerInvariant() is not (null or "nchw" or "nhwc"), "layout is nchw or nhwc");
            Add(
                wrong,
                !Enum.TryParse(Interpolation, ignoreCase: true, out Interpolation kind) || !Enum.IsDefined(kind),
                "interpolation is bilinear, bicubic or lanczos"
            );
            if (wrong.Count > 0)
            {
                throw new GraftException($"'{Printable.Text(path)}' cannot be used: {string.Join("; ", wrong)}");
            }
        }

        public Preprocessing ToPreprocessing(int resize)
        {
            float scale = Range == 1 ? 255 : 1;
            return new Preprocessing
            {
                ResizeShorter = Resize ?? resize,
                Interpolation = Enum.Parse<Interpolation>(Interpolation, ignoreCase: true),
                Order = Order.Equals("bgr", StringComparison.OrdinalIgnoreCase) ? ChannelOrder.Bgr : ChannelOrder.Rgb,
                Mean = new(scale * Mean[0], scale * Mean[1], scale * Mean[2]),
                Deviation = new(scale * Std[0], scale * Std[1], scale * Std[2]),
            };
        }

        private static void Add(List<string> wrong, bool isWrong, string what)
        {
            if (isWrong)
            {
                wrong.Add(what);
            }
        }
    }
}
