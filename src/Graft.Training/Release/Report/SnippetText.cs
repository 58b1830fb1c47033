using System.Globalization;
using System.Text.Json;
using Graft.Imaging;
using Graft.Prediction;

namespace Graft.Training.Release;

/// <summary>
/// Programs that use a model without Graft. They do what the card says: the file itself normalises the pixels.
/// </summary>
internal static class SnippetText
{
    /// <summary>A program for Python. Pillow resizes as Graft does.</summary>
    public static string Python(ModelCard card)
    {
        Preprocessing input = card.Preprocessing;
        string filter = $"Image.Resampling.{input.Interpolation.ToString().ToUpperInvariant()}";
        string resize = input.Resize switch
        {
            ResizeRule.Squash => Invariant($"image = image.resize(({input.Width}, {input.Height}), {filter})"),
            ResizeRule.Pad => Invariant(
                $"image = ImageOps.pad(image, ({input.Width}, {input.Height}), {filter}, ({Mean(input)}))"
            ),
            _ => Invariant(
                $"""
                scale = {input.ResizeShorter} / min(image.size)
                image = image.resize((round(image.width * scale), round(image.height * scale)), {filter})
                left, top = (image.width - {input.Width}) // 2, (image.height - {input.Height}) // 2
                image = image.crop((left, top, left + {input.Width}, top + {input.Height}))
                """
            ),
        };
        return $"""
            import json
            import numpy as np
            import onnxruntime
            from PIL import Image, ImageOps

            session = onnxruntime.InferenceSession("model.onnx")
            card = json.loads(session.get_modelmeta().custom_metadata_map["graft.card"])
            image = ImageOps.exif_transpose(Image.open("picture.jpg")).convert("RGB")
            {resize}
            pixels = np.asarray(image, np.float32).transpose(2, 0, 1)[None]  # 1 x 3 x H x W, 0 to 255
            probabilities = session.run(["probabilities"], {Braces("\"image\": pixels")})[0][0]
            for label, probability in sorted(zip(card["labels"], probabilities), key=lambda pair: -pair[1])[:5]:
                print(f"{Braces("probability:.3f")} {Braces("label")}")
            """;
    }

    /// <summary>A program for Node, as a module (.mjs).</summary>
    public static string Node(ModelCard card)
    {
        Preprocessing input = card.Preprocessing;
        string kernel = input.Interpolation switch
        {
            Interpolation.Bilinear => "linear",
            Interpolation.Lanczos => "lanczos3",
            _ => "cubic",
        };
        return $$"""
            import ort from "onnxruntime-node";
            import sharp from "sharp";

            const labels = {{JsonSerializer.Serialize(card.Labels)}};
            let image = sharp("picture.jpg").rotate().flatten({ background: "white" }).toColourspace("srgb");
            {{ResizeOf(input, kernel)}}
            const pixels = await image.removeAlpha().raw().toBuffer();
            const [width, height] = [{{input.Width}}, {{input.Height}}];
            const planes = new Float32Array(3 * width * height); // 1 x 3 x H x W, 0 to 255
            for (let i = 0; i < width * height; i++)
              for (let c = 0; c < 3; c++) planes[c * width * height + i] = pixels[3 * i + c];
            const session = await ort.InferenceSession.create("model.onnx");
            const input = new ort.Tensor("float32", planes, [1, 3, height, width]);
            const { probabilities } = await session.run({ image: input });
            labels.map((label, i) => [probabilities.data[i], label]).sort((a, b) => b[0] - a[0]).slice(0, 5)
              .forEach(([probability, label]) => console.log(probability.toFixed(3), label));
            """;
    }

    private static string ResizeOf(Preprocessing input, string kernel) =>
        input.Resize switch
        {
            ResizeRule.Squash => Invariant(
                $$"""image = image.resize({{input.Width}}, {{input.Height}}, { fit: "fill", kernel: "{{kernel}}" });"""
            ),
            ResizeRule.Pad => Invariant(
                $$"""
                const background = { r: {{input.Mean.Red}}, g: {{input.Mean.Green}}, b: {{input.Mean.Blue}} };
                const size = [{{input.Width}}, {{input.Height}}];
                image = image.resize(...size, { fit: "contain", background, kernel: "{{kernel}}" });
                """
            ),
            _ => Invariant(
                $$"""
                const shorter = {{input.ResizeShorter}};
                const resized = await image.resize(shorter, shorter, { fit: "outside", kernel: "{{kernel}}" })
                  .png().toBuffer({ resolveWithObject: true });
                image = sharp(resized.data).extract({
                  left: Math.floor((resized.info.width - {{input.Width}}) / 2), width: {{input.Width}},
                  top: Math.floor((resized.info.height - {{input.Height}}) / 2), height: {{input.Height}},
                });
                """
            ),
        };

    private static string Mean(Preprocessing input) =>
        Invariant($"{input.Mean.Red:0}, {input.Mean.Green:0}, {input.Mean.Blue:0}");

    private static string Braces(string content) => $"{{{content}}}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
