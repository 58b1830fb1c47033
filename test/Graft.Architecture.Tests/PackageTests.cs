using System.Diagnostics;

namespace Graft.Architecture.Tests;

/// <summary>What `dotnet pack` of the solution makes, as MSBuild evaluates the projects.</summary>
public sealed class PackageTests
{
    private const string Mark = "package ";

    [Fact]
    public async Task The_solution_packs_the_shipped_assemblies_the_weights_and_the_templates_and_nothing_else()
    {
        Dictionary<string, bool> packages = await ListAsync();

        string[] files = [.. Assemblies.WeightPackages, "Graft.Templates"];
        Assert.Equal(Assemblies.MayReference.Keys.Concat(files).Order(), packages.Keys.Order());
        // a tool and files have no API
        Assert.Equal(
            files.Append("Graft.Cli").Order(),
            packages.Where(one => !one.Value).Select(one => one.Key).Order()
        );
    }

    // Package ids, and whether each package is validated.
    private static async Task<Dictionary<string, bool>> ListAsync()
    {
        string folder = Directory.CreateTempSubdirectory("graft-packages-").FullName;
        try
        {
            // each project imports this file too, so that one process evaluates all of them
            string file = Path.Combine(folder, "list.proj");
            IEnumerable<string> projects = Repository
                .Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
                .Where(path => !path.Contains("/content/", StringComparison.Ordinal)) // of a template
                .Select(path => Path.Combine(Repository.Root, path));
            await File.WriteAllTextAsync(
                file,
                $"""
                <Project>
                  <Target Name="ListPackages">
                    <MSBuild Projects="{string.Join(';', projects)}" Targets="PrintPackage"
                             Properties="CustomAfterMicrosoftCommonTargets={file}" />
                  </Target>
                  <Target Name="PrintPackage" Condition="'$(IsPackable)' == 'true'">
                    <Message Importance="high" Text="{Mark}$(PackageId) $(EnablePackageValidation)" />
                  </Target>
                </Project>
                """,
                TestContext.Current.CancellationToken
            );
            ProcessStartInfo start = new("dotnet", ["msbuild", file, "-t:ListPackages", "-v:minimal", "-nologo"])
            {
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return output
                .Split('\n', StringSplitOptions.TrimEntries)
                .Where(line => line.StartsWith(Mark, StringComparison.Ordinal))
                .Select(line => line[Mark.Length..].Split(' '))
                .ToDictionary(parts => parts[0], parts => parts.Length > 1 && parts[1] == "true");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
