using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graft.Architecture.Tests;

/// <summary>A program that uses the libraries has no flags and no commands.</summary>
public sealed partial class MessageTests
{
    [Fact]
    public void No_text_of_a_library_names_the_command_or_its_flags()
    {
        string[] found =
        [
            .. Repository
                .Files.Where(IsOfLibrary)
                .AsParallel()
                .AsOrdered()
                .SelectMany(path => Texts(path).Select(text => $"{path}: {text}"))
                .Where(line => OfCommand().IsMatch(line)),
        ];

        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData("go on with `graft resume runs/a`")]
    [InlineData("clear it with graft cache clear")]
    [InlineData("raise it with --rejected-limit")]
    public void A_text_that_names_them_is_found(string text)
    {
        Assert.Matches(OfCommand(), text);
    }

    private static bool IsOfLibrary(string path) =>
        path.StartsWith("src/", StringComparison.Ordinal)
        && path.EndsWith(".cs", StringComparison.Ordinal)
        && !path.StartsWith("src/Graft.Cli/", StringComparison.Ordinal)
        && !path.StartsWith("src/Graft.Templates/", StringComparison.Ordinal); // programs, with options of their own

    private static IEnumerable<string> Texts(string path) =>
        CSharpSyntaxTree
            .ParseText(Repository.Read(path), cancellationToken: TestContext.Current.CancellationToken)
            .GetRoot()
            .DescendantTokens()
            .Where(token => token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken)
            .Select(token => token.ValueText);

    [GeneratedRegex(
        "`graft |\\bgraft (train|resume|probe|rates|evaluate|predict|bodies|cuts|cache|check|data)\\b|(^|[ '`])--[a-z]"
    )]
    private static partial Regex OfCommand();
}
