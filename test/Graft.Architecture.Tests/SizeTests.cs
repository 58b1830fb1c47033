using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Graft.Architecture.Tests;

/// <summary>CONTRIBUTING.md asks for short files and methods. These are the limits that fail.</summary>
public sealed class SizeTests
{
    private const int LongestMethod = 50;
    private const int LongestFile = 300;

    [Fact]
    public void No_method_under_src_is_longer_than_50_lines()
    {
        AssertNone(
            Code()
                .AsParallel()
                .AsOrdered()
                .SelectMany(path => Methods(path).Where(one => one.Lines > LongestMethod))
                .Select(one => $"{one.Place}: {one.Lines} lines")
        );
    }

    [Fact]
    public void No_file_under_src_is_longer_than_300_lines()
    {
        AssertNone(
            Code()
                .Select(path => (path, lines: File.ReadLines(Path.Combine(Repository.Root, path)).Count()))
                .Where(one => one.lines > LongestFile)
                .Select(one => $"{one.path}: {one.lines} lines")
        );
    }

    // Names them all: the usual assertion shortens the list.
    private static void AssertNone(IEnumerable<string> places)
    {
        string all = string.Join('\n', places);
        Assert.True(all.Length == 0, all);
    }

    private static IEnumerable<string> Code() =>
        Repository.Files.Where(path =>
            path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)
        );

    // From the line of the name to the last one: comments and attributes above do not count.
    private static IEnumerable<(string Place, int Lines)> Methods(string path)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(
            Repository.Read(path),
            cancellationToken: TestContext.Current.CancellationToken
        );
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
        {
            if (node is BaseMethodDeclarationSyntax method)
            {
                int start = LineOf(tree, method.Modifiers.Count > 0 ? method.Modifiers[0].SpanStart : method.SpanStart);
                yield return ($"{path}:{start + 1}", LineOf(tree, method.Span.End) - start + 1);
            }
        }
    }

    // Counted from 0.
    private static int LineOf(SyntaxTree tree, int position) =>
        tree.GetLineSpan(TextSpan.FromBounds(position, position)).StartLinePosition.Line;
}
