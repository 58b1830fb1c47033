namespace Graft.AspNetCore;

/// <summary>One image of a request.</summary>
/// <param name="Name">Name that the caller gave it, or its number: untrusted text.</param>
/// <param name="Bytes">Content of the image file.</param>
internal sealed record UploadedImage(string Name, byte[] Bytes);
