namespace Graft.Cli.Tests;

public sealed class InvocationTests
{
    private static readonly string s_here = Environment.CurrentDirectory;

    [Theory]
    [InlineData("/usr/bin/graft", "", "graft")]
    [InlineData("bin/Graft.Cli", "bash", "bin/Graft.Cli")]
    [InlineData("Graft.Cli", "bash", "./Graft.Cli")]
    [InlineData("/opt/Graft.Cli", "bash", "/opt/Graft.Cli")]
    [InlineData("my tools/Graft.Cli", "bash", "'my tools/Graft.Cli'")]
    [InlineData("/home/a/.dotnet/tools/.store/graft.cli/1.0.0/tools/net10.0/linux-x64/Graft.Cli", "bash", "graft")]
    [InlineData("/usr/bin/dotnet", "bash", "dotnet bin/Graft.Cli.dll")]
    [InlineData(
        "bin/Graft.Cli",
        "dotnet run -c Release --project src/Graft.Cli -- train photos",
        "dotnet run -c Release --project src/Graft.Cli --"
    )]
    [InlineData("bin/Graft.Cli", "/usr/share/dotnet/dotnet run app.cs", "dotnet run app.cs --")]
    [InlineData("bin/Graft.Cli", "dotnet test", "bin/Graft.Cli")]
    public void A_command_that_is_shown_begins_as_the_user_began(string process, string parent, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "paths of this test are those of Unix");

        Assert.Equal(
            expected,
            Invocation.OfProgram(
                Path.Combine(s_here, process),
                Path.Combine(s_here, "bin/Graft.Cli.dll"),
                parent.Split(' ')
            )
        );
    }

    [Theory]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("photos/1.jpg", "photos/1.jpg")]
    [InlineData("", "''")]
    public void Words_with_spaces_and_signs_are_quoted(string word, string expected) =>
        Assert.Equal(expected, Invocation.Quoted(word));
}
