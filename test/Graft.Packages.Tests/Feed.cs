using System.Runtime.CompilerServices;

namespace Graft.Packages.Tests;

/// <summary>
/// The packages of this build in a folder, and fresh projects outside the repository that use them. Other packages come
/// from the folder of packages of this user, where the build has put them.
/// </summary>
[CollectionDefinition(nameof(Feed))]
public sealed class Feed : IAsyncLifetime, ICollectionFixture<Feed>
{
    private static readonly string[] Packed =
    [
        "Graft.Onnx",
        "Graft",
        "Graft.Torch",
        "Graft.Training",
        "Graft.ML",
        "Graft.AspNetCore",
        "Graft.Weights.SqueezeNet",
        "Graft.Templates",
    ];

    /// <summary>A folder that is gone after the tests.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("graft-feed-").FullName;

    /// <summary>The folder of the packages.</summary>
    public string Packages => Path.Combine(Root, "feed");

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Version of the packages.</summary>
    public static string Version { get; } = typeof(Prediction.Predictor).Assembly.GetName().Version!.ToString(3);

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public async ValueTask InitializeAsync()
    {
        string projects = string.Join(
            ';',
            Packed.Select(name => Path.Combine(Repository, "src", name, name + ".csproj"))
        );
        string file = Write(
            "pack/pack.proj",
            $"""
            <Project>
              <Target Name="PackAll">
                <MSBuild Projects="{projects}" Targets="Pack" BuildInParallel="true"
                         Properties="NoBuild=true;Configuration={Configuration};PackageOutputPath={Packages}" />
              </Target>
            </Project>
            """
        );
        await DotnetAsync(Path.GetDirectoryName(file)!, "msbuild", file, "-t:PackAll", "-nologo", "-v:quiet", "-m");
        string user = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Write(
            "nuget.config",
            $"""
            <configuration>
              <packageSources>
                <add key="graft" value="{Packages}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="user" value="{user}" />
              </fallbackPackageFolders>
              <config>
                <add key="globalPackagesFolder" value="{Path.Combine(Root, "packages")}" />
              </config>
            </configuration>
            """
        );
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes a file below the folder.</summary>
    public string Write(string relative, string text)
    {
        string path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Copies what the packages are built from, without what was built.</summary>
    /// <returns>The root of the copy.</returns>
    public async Task<string> CopySourceAsync()
    {
        string copy = Path.Combine(Root, "source");
        string listed = await Program.RunAsync(Repository, "git", "ls-files", "-co", "--exclude-standard");
        foreach (string path in listed.Split('\n', StringSplitOptions.TrimEntries))
        {
            string from = Path.Combine(Repository, path);
            bool isPart =
                path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("eng/", StringComparison.Ordinal);
            if ((isPart || !path.Contains('/', StringComparison.Ordinal)) && File.Exists(from))
            {
                string to = Path.Combine(copy, path);
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(from, to);
            }
        }

        return copy;
    }

    /// <summary>Runs dotnet in a folder, and returns what it printed.</summary>
    public static Task<string> DotnetAsync(string folder, params string[] arguments) =>
        Program.RunAsync(folder, "dotnet", arguments);

    private static string FindRepository([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../.."));
}
