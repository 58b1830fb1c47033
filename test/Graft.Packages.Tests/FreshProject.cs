using System.Xml.Linq;

namespace Graft.Packages.Tests;

/// <summary>A project outside the repository that uses packages.</summary>
internal static class FreshProject
{
    /// <summary>Writes the project.</summary>
    /// <param name="packages">
    /// "Name" of this build, "Name Version" of the registry, or "Name Version without": in reach, but for its files.
    /// </param>
    /// <returns>Its folder.</returns>
    public static string Write(Feed feed, string name, string sdk, string[] packages, string program)
    {
        IEnumerable<string> references = packages
            .Select(package => package.Split(' '))
            .Select(parts =>
                $"<PackageReference Include=\"{parts[0]}\" Version=\"{parts.ElementAtOrDefault(1) ?? Feed.Version}\""
                + (parts.Length > 2 ? " ExcludeAssets=\"native;runtime\" />" : " />")
            );
        string file = feed.Write(
            $"{name}/{name}.csproj",
            $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>{string.Concat(references)}</ItemGroup>
            </Project>
            """
        );
        feed.Write($"{name}/Program.cs", program);
        return Path.GetDirectoryName(file)!;
    }

    /// <summary>Where it is built.</summary>
    public static string Output(string folder) => Path.Combine(folder, "out");

    /// <summary>Builds and runs it, and returns what it printed.</summary>
    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        await Feed.DotnetAsync(folder, "build", "-o", Output(folder), "-nologo", "-v:quiet");
        string name = Path.GetFileName(folder);
        return await Feed.DotnetAsync(folder, [Path.Combine(Output(folder), name + ".dll"), .. arguments]);
    }

    /// <summary>The version of a package that this build uses, after its name.</summary>
    public static string WithVersion(string package)
    {
        XDocument versions = XDocument.Load(Path.Combine(Feed.Repository, "Directory.Packages.props"));
        XElement one = versions
            .Descendants("PackageVersion")
            .Single(one => (string?)one.Attribute("Include") == package);
        return $"{package} {(string)one.Attribute("Version")!}";
    }
}
