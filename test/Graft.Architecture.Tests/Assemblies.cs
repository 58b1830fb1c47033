namespace Graft.Architecture.Tests;

/// <summary>The shipped assemblies as they lie beside the tests, lowest first.</summary>
internal static class Assemblies
{
    /// <summary>Each shipped assembly and the shipped assemblies that it may reference.</summary>
    public static IReadOnlyDictionary<string, string[]> MayReference { get; } =
        new Dictionary<string, string[]>
        {
            ["Graft.Onnx"] = [],
            ["Graft"] = ["Graft.Onnx"],
            ["Graft.Torch"] = ["Graft.Onnx"],
            ["Graft.Training"] = ["Graft", "Graft.Onnx", "Graft.Torch"],
            ["Graft.Cli"] = ["Graft", "Graft.Onnx", "Graft.Torch", "Graft.Training"],
        };

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");
}
