using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>Writes images one after another in some layout.</summary>
internal abstract class ImageSetWriter : IDisposable
{
    public abstract void Add(LabelledImage image, byte[] bytes);

    /// <summary>Writes what can be written only at the end.</summary>
    public virtual void Finish() { }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>The last name of an image with an extension that fits its content, made safe for any system.</summary>
    protected static string FileNameOf(LabelledImage image, byte[] bytes)
    {
        string name = DatasetFiles.NameOf(image.Name.Replace('\\', '/'));
        string extension = ExtensionOf(bytes);
        string written = Path.GetExtension(name);
        bool fits =
            written.Equals(extension, StringComparison.OrdinalIgnoreCase)
            || (extension == ".jpg" && written.ToUpperInvariant() is ".JPEG" or ".JPE" or ".JFIF")
            || (extension == ".tif" && written.Equals(".tiff", StringComparison.OrdinalIgnoreCase));
        string stem = fits ? Path.GetFileNameWithoutExtension(name) : name;
        return SafeName.Of(stem) + (fits ? written : extension);
    }

    /// <summary>The extension of an image's format.</summary>
    protected static string ExtensionOf(byte[] bytes)
    {
        ImageFormat format = ImageSignature.Detect(bytes.AsSpan(0, Math.Min(bytes.Length, ImageSignature.Length)));
        return format switch
        {
            ImageFormat.Jpeg => ".jpg",
            ImageFormat.Tiff => ".tif",
            _ => $".{format.ToString().ToLowerInvariant()}",
        };
    }
}
