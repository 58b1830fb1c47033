using System.Diagnostics;

namespace Graft.Training.Tests.Bodies;

/// <summary>
/// The pretrained network in the package Microsoft.ML.DnnImageFeaturizer.ResNet18: its images were prepared as Caffe
/// does it, and nothing in the file says so.
/// </summary>
internal static class ResNet18File
{
    private const string Package = "Microsoft.ML.DnnImageFeaturizer.ResNet18";
    private const string Version = "0.23.1";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    /// <summary>Path of the file; the calling test is skipped where the package cannot be restored.</summary>
    public static async Task<string> FindAsync(CancellationToken cancel)
    {
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string file = Path.Combine(
            packages,
            Package.ToLowerInvariant(),
            Version,
            "tools/DnnImageModels/ResNet18Onnx/ResNet18.onnx"
        );
        if (!File.Exists(file))
        {
            await RestoreAsync(cancel);
        }

        Assert.SkipUnless(File.Exists(file), $"the package {Package} {Version} cannot be restored");
        return file;
    }

    // Of 60 MB: only these tests ask for it, not the solution.
    private static async Task RestoreAsync(CancellationToken cancel)
    {
        using TemporaryFolder folder = new();
        folder.Write(
            "resnet18.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                <PackageDownload Include="{Package}" Version="[{Version}]" />
              </ItemGroup>
            </Project>
            """
        );
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_patience);
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", ["restore", "-v", "quiet"]) { WorkingDirectory = folder.Root }
        )!;
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
