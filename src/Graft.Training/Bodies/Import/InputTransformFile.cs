using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>The fields of an input transform's JSON file; all are optional.</summary>
internal sealed record InputTransformFile
{
    private const long LongestFile = 1 << 20;
    private const string Fields = "size, resize, fit, mean, std, range, order, layout and interpolation";

    private static readonly Dictionary<string, ResizeRule> s_fits = new(StringComparer.OrdinalIgnoreCase)
    {
        ["crop"] = ResizeRule.ShorterSideThenCrop,
        ["pad"] = ResizeRule.Pad,
        ["squash"] = ResizeRule.Squash,
    };

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Path of the file, for messages.</summary>
    [JsonIgnore]
    public string Path { get; private init; } = "";

    /// <summary>Input size in pixels: one number for a square, or [height, width].</summary>
    public JsonElement? Size { get; init; }

    /// <summary>Length of the shorter side before the crop, in pixels.</summary>
    public int? Resize { get; init; }

    /// <summary>
    /// How a picture is brought to the input's proportions: "crop", "pad" or "squash"; null takes "squash" for a long
    /// input and "crop" for others.
    /// </summary>
    public string? Fit { get; init; }

    private bool IsCropped => Fit is null || s_fits.GetValueOrDefault(Fit) == ResizeRule.ShorterSideThenCrop;

    /// <summary>Means of red, green and blue, or one for all, in units of <see cref="Range"/>.</summary>
    public float[] Mean { get; init; } = [0, 0, 0];

    /// <summary>Standard deviations of red, green and blue, or one for all, in units of <see cref="Range"/>.</summary>
    public float[] Std { get; init; } = [1, 1, 1];

    /// <summary>The pixel value to which mean and std refer as white: 1 or 255.</summary>
    public int Range { get; init; } = 1;

    /// <summary>Channel order of the network's input: "rgb" or "bgr".</summary>
    public string Order { get; init; } = "rgb";

    /// <summary>Layout of the network's input: "nchw" or "nhwc"; null where the network's counts.</summary>
    public string? Layout { get; init; }

    /// <summary>How images are resized: "bilinear", "bicubic" or "lanczos".</summary>
    public string Interpolation { get; init; } = "bilinear";

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="GraftException">The file is missing, not such JSON, or has wrong values.</exception>
    public static InputTransformFile Read(string path)
    {
        string shown = Printable.Text(path);
        try
        {
            FileInfo file = new(path);
            if (file.Exists && file.Length > LongestFile)
            {
                throw new GraftException(
                    $"'{shown}' cannot be used: {file.Length:N0} bytes are too long for an input transform; "
                        + $"name a JSON file with the fields {Fields}"
                );
            }

            InputTransformFile transform = JsonSerializer.Deserialize<InputTransformFile>(
                TextFile.Read(path),
                s_json
            ) ?? throw new JsonException("it is null");
            transform.Check(path);
            return transform with
            {
                Path = path,
            };
        }
        catch (JsonException error)
        {
            string reason = Printable.Text(error.Message.ReplaceLineEndings(" ").TrimEnd('.'));
            throw new GraftException(
                $"'{shown}' cannot be used: it is not an input transform ({reason}); its fields are {Fields}",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{shown}' cannot be used: {Printable.Text(error.Message.TrimEnd('.'))}; correct the path",
                error
            );
        }
    }

    /// <summary>The input size in pixels; null where none, or none of the two forms, is given.</summary>
    public ImageSize? InputSize() =>
        Size switch
        {
            { ValueKind: JsonValueKind.Number } one when one.TryGetInt32(out int side) => new ImageSize(side, side),
            { ValueKind: JsonValueKind.Array } two
                when two.GetArrayLength() == 2
                    && two.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out _)) =>
                new ImageSize(two[0].GetInt32(), two[1].GetInt32()),
            _ => null,
        };

    /// <summary>The preprocessing that the file describes, for an input of this size in pixels.</summary>
    /// <exception cref="GraftException">"resize" is stated and does not fit the input.</exception>
    public Preprocessing ToPreprocessing(int height, int width)
    {
        float scale = Range == 1 ? 255 : 1;
        Preprocessing plain = PreprocessingPresets.ForInput(new(), height, width);
        ResizeRule rule = Fit is string fit ? s_fits[fit]
            : Resize is null ? plain.Resize
            : ResizeRule.ShorterSideThenCrop;
        int longer = Math.Max(height, width);
        if (Resize < longer)
        {
            throw new GraftException(
                $"'{Printable.Text(Path)}' cannot be used: a resize of {Resize} is shorter than the input of "
                    + $"{width} x {height}, which a crop needs; state {longer} or more, or leave it out and say "
                    + "\"fit\": \"squash\""
            );
        }

        return plain with
        {
            Resize = rule,
            ResizeShorter = Resize ?? plain.ResizeShorter,
            Interpolation = Enum.Parse<Interpolation>(Interpolation, ignoreCase: true),
            Order = Order.Equals("bgr", StringComparison.OrdinalIgnoreCase) ? ChannelOrder.Bgr : ChannelOrder.Rgb,
            Mean = PerChannelOf(Mean, scale),
            Deviation = PerChannelOf(Std, scale),
        };
    }

    private static PerChannel PerChannelOf(float[] values, float scale) =>
        values.Length == 1
            ? new(scale * values[0], scale * values[0], scale * values[0])
            : new(scale * values[0], scale * values[1], scale * values[2]);

    private void Check(string path)
    {
        bool hasSize = Size is null || InputSize() is { Height: >= 8 and <= 4096, Width: >= 8 and <= 4096 };
        bool hasKnownInterpolation =
            Enum.TryParse(Interpolation, ignoreCase: true, out Interpolation kind) && Enum.IsDefined(kind);
        (bool IsWrong, string Rule)[] rules =
        [
            (!hasSize, "size is a side of 8 to 4096 pixels, or [height, width]"),
            (Resize is < 8 or > 4096, "resize lies between 8 and 4096"),
            (Fit is not null && !s_fits.ContainsKey(Fit), "fit is crop, pad or squash"),
            (Resize is not null && !IsCropped, $"resize has no effect where fit is {Fit}"),
            (
                Mean is not { Length: 1 or 3 } || Std is not { Length: 1 or 3 },
                "mean and std are lists of three numbers, or of one for all channels"
            ),
            (Range is not (1 or 255), "range is 1 or 255"),
            (
                Range == 1 && Mean is not null && Mean.Any(m => Math.Abs(m) > 2),
                "a mean above 2 belongs to pixels of 0..255: say \"range\": 255"
            ),
            (Order?.ToLowerInvariant() is not ("rgb" or "bgr"), "order is rgb or bgr"),
            (Layout?.ToLowerInvariant() is not (null or "nchw" or "nhwc"), "layout is nchw or nhwc"),
            (!hasKnownInterpolation, "interpolation is bilinear, bicubic or lanczos"),
        ];
        string[] broken = [.. rules.Where(rule => rule.IsWrong).Select(rule => rule.Rule)];
        if (broken.Length > 0)
        {
            throw new GraftException($"'{Printable.Text(path)}' cannot be used: {string.Join("; ", broken)}");
        }
    }
}
