using System.Diagnostics;

namespace Graft.Architecture.Tests;

/// <summary>A package of weights as a program outside the solution restores it.</summary>
public sealed class WeightPackageTests : IDisposable
{
    private const string Package = "Graft.Weights.SqueezeNet";
    private const string File = "squeezenet1_1.fp16.safetensors";

    private readonly string _folder = Directory.CreateTempSubdirectory("graft-weights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_program_has_the_weights_of_a_package_that_its_library_references()
    {
        string project = Path.Combine(Repository.Root, "src", Package);
        string feed = Path.Combine(_folder, "feed");
        Write(
            "nuget.config",
            $"""
            <configuration><packageSources><clear /><add key="local" value="{feed}" /></packageSources></configuration>
            """
        );
        Write("library/library.csproj", Project($"""<PackageReference Include="{Package}" Version="0.1.0" />"""));
        Write("program/program.csproj", Project("""<ProjectReference Include="../library/library.csproj" />"""));

        await Run("pack", project, "-o", feed);
        await Run("build", "program", "-o", "built");

        Assert.Equal(
            await System.IO.File.ReadAllBytesAsync(Path.Combine(project, "weights", File), Cancel),
            await System.IO.File.ReadAllBytesAsync(Path.Combine(_folder, "built", "weights", File), Cancel)
        );
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Project(string reference) =>
        $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>{reference}</ItemGroup>
            </Project>
            """;

    private void Write(string path, string text)
    {
        string full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, text);
    }

    // Packages of its own, so that none of an earlier build is taken for this one.
    private async Task Run(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [.. arguments, "-nologo", "-v:quiet", "-nodeReuse:false"])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            Environment = { ["NUGET_PACKAGES"] = Path.Combine(_folder, "packages") },
        };
        if (arguments[0] == "pack")
        {
            start.Environment.Remove("NUGET_PACKAGES");
        }

        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, output);
    }
}
