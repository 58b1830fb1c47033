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
            ["Graft.ML"] = ["Graft", "Graft.Onnx", "Graft.Training"],
            ["Graft.AspNetCore"] = ["Graft", "Graft.Onnx"],
            ["Graft.Studio"] = ["Graft", "Graft.Onnx", "Graft.Training"],
            ["Graft.Cli"] =
            [
                "Graft.AspNetCore",
                "Graft",
                "Graft.Onnx",
                "Graft.Studio",
                "Graft.Torch",
                "Graft.Training",
            ],
        };

    /// <summary>Packages of files, which have no assembly.</summary>
    public static IReadOnlyList<string> WeightPackages { get; } =
    ["Graft.Weights.EfficientNetLite", "Graft.Weights.SqueezeNet", "Graft.Weights.Vgg16"];

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");
}
