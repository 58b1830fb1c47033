using Graft.Training.Tests;

namespace Graft.Bench;

/// <summary>Writes the toy body and images of the tests as files: toy.onnx and images/.</summary>
internal static class ToyData
{
    public static void Write(string folder)
    {
        using ToyWorld world = new(12);
        foreach (
            string file in Directory
                .EnumerateFiles(world.Images, "*", SearchOption.AllDirectories)
                .Append(world.BodyPath)
        )
        {
            string target = Path.Combine(folder, Path.GetRelativePath(Path.GetDirectoryName(world.BodyPath)!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
