using System.Text.RegularExpressions;

namespace Graft.Architecture.Tests.Documents;

public sealed partial class ErrorPageTests
{
    [Fact]
    public void The_page_of_errors_quotes_messages_that_the_code_has()
    {
        string code = string.Concat(
            Repository
                .Files.Where(path =>
                    path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)
                )
                .Select(path => Break().Replace(Repository.Read(path), ""))
        );
        string[] messages =
        [
            .. Message().Matches(Repository.Read("docs/reference/errors.md")).Select(match => match.Groups[1].Value),
        ];

        Assert.NotEmpty(messages);
        Assert.DoesNotContain(messages, message => !code.Contains(message, StringComparison.Ordinal));
    }

    // a text that goes on in the next line of code
    [GeneratedRegex(
        """
            "\s*\+\s*\$?"
            """
    )]
    private static partial Regex Break();

    // the first cell of a row
    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Message();
}
