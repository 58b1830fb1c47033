namespace Graft.Prediction;

/// <summary>An image from anywhere: a name and a way to open its content.</summary>
/// <param name="Name">Name of the image in results and error messages.</param>
/// <param name="Open">
/// Opens the content of the image file. It is called once, possibly while other images are opened. Graft disposes the
/// stream.
/// </param>
public sealed record NamedImage(string Name, Func<CancellationToken, ValueTask<Stream>> Open);
