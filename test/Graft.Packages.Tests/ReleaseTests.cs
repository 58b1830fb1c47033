using System.IO.Compression;
using System.Security.Cryptography;

namespace Graft.Packages.Tests;

/// <summary>eng/release.sh, with the one package that needs no build.</summary>
[Collection(nameof(Feed))]
public sealed class ReleaseTests(Feed feed)
{
    private const string Script = "eng/release.sh";

    [Fact]
    public async Task A_dry_run_makes_packages_checksums_and_notes_of_any_commit()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a script for bash");
        string made = Path.Combine(feed.Root, "release");

        string said = await Program.RunAsync(
            Feed.Repository,
            Path.Combine(Feed.Repository, Script),
            [.. Only(made), "--dry-run"]
        );

        string package = Assert.Single(Directory.GetFiles(made, "*.nupkg"));
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(package)));
        Assert.Equal($"{hash}  {Path.GetFileName(package)}\n", File.ReadAllText(Path.Combine(made, "SHA256SUMS")));
        Assert.NotEmpty(File.ReadAllText(Path.Combine(made, "notes.md")));
        Assert.Contains("1 packages of version ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tag_names_the_version_and_the_changelog_the_notes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a script for bash");
        string clone = Path.Combine(feed.Root, "clone");
        await Program.RunAsync(feed.Root, "git", "clone", "--quiet", "--shared", Feed.Repository, clone);
        File.WriteAllText(
            Path.Combine(clone, "CHANGELOG.md"),
            "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [9.8.7] - today\n\n- now\n\n## [9.8.6]\n\n- before\n"
        );
        string[] user = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
        await Program.RunAsync(clone, "git", [.. user, "commit", "--quiet", "-a", "-m", "Release"]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Release("untagged"));
        await Program.RunAsync(clone, "git", "tag", "v9.8.7");
        string made = await Release("tagged");

        Assert.Equal("- now\n\n", File.ReadAllText(Path.Combine(made, "notes.md")));
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(made, "Graft.Templates.9.8.7.nupkg"));
        Assert.Contains("README.md", package.Entries.Select(entry => entry.FullName));

        async Task<string> Release(string name)
        {
            string to = Path.Combine(feed.Root, name);
            await Program.RunAsync(clone, Path.Combine(clone, Script), Only(to));
            return to;
        }
    }

    private static string[] Only(string folder) => ["--only", "Graft.Templates", "--out", folder];
}
