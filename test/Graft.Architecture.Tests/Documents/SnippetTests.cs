using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graft.Architecture.Tests.Documents;

/// <summary>The code in README and docs is compiled, and their commands are run, in the order of the pages.</summary>
public sealed class SnippetTests
{
    private const string RunFromSource = "dotnet run -c Release --project src/Graft.Cli -- ";
    private const string Installed = "graft ";

    // What an SDK project with ImplicitUsings has.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    [Fact]
    public void Every_piece_of_csharp_compiles_against_the_shipped_assemblies()
    {
        Snippet[] snippets = [.. Snippets("csharp", "cs")];

        Assert.NotEmpty(snippets);
        Assert.Empty(snippets.SelectMany(Errors));
    }

    [Fact]
    public void A_snippet_that_names_what_does_not_exist_is_found()
    {
        Snippet wrong = new("here:1", "csharp", "using Graft.Prediction;\nPredictor.Lod(\"model.onnx\");", IsRun: true);

        Assert.Contains(Errors(wrong), error => error.Contains("'Lod'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_command_ends_without_an_error()
    {
        string folder = Directory.CreateTempSubdirectory("graft-snippets-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, "samples"), Path.Combine(Repository.Root, "samples"));
            List<string> failures = [];
            HashSet<string> done = []; // the first training of several pages is the same one
            foreach (Snippet snippet in Snippets("console"))
            {
                foreach (string command in Commands(snippet))
                {
                    if (done.Add(command.Replace(RunFromSource, Installed, StringComparison.Ordinal)))
                    {
                        failures.AddRange(await RunAsync(snippet, command, folder));
                    }
                }
            }

            Assert.Empty(failures);
            Assert.True(done.Count > 3, $"only {done.Count} commands were found in README and docs");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Snippet> Snippets(params string[] languages) =>
        MarkdownPage
            .All.Where(page => !page.IsNote)
            .SelectMany(page => page.Snippets)
            .Where(snippet => snippet.IsRun && languages.Contains(snippet.Language));

    private static IEnumerable<string> Errors(Snippet snippet)
    {
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "snippet",
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(snippet.Text)],
            platform.Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
        );
        return compilation
            .GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => $"{snippet.Place}: {diagnostic}");
    }

    // Lines that begin with '$ '; a '\' at the end of a line continues it.
    private static IEnumerable<string> Commands(Snippet snippet) =>
        snippet
            .Text.Replace("\\\n", " ", StringComparison.Ordinal)
            .Split('\n')
            .Where(line => line.StartsWith("$ ", StringComparison.Ordinal))
            .Select(line => line[2..].Trim());

    private static async Task<IEnumerable<string>> RunAsync(Snippet snippet, string command, string folder)
    {
        string? arguments =
            command.StartsWith(RunFromSource, StringComparison.Ordinal) ? command[RunFromSource.Length..]
            : command.StartsWith(Installed, StringComparison.Ordinal) ? command[Installed.Length..]
            : null;
        if (arguments is null)
        {
            // The tests' own command would start these tests again.
            return command == "dotnet test -c Release" ? [] : [$"{snippet.Place}: the tests cannot run '{command}'"];
        }

        // The shell splits words and expands patterns as it does for a reader.
        string graft = $"dotnet '{Assemblies.PathOf("Graft.Cli")}'";
        ProcessStartInfo start = new("bash", ["-c", $"{graft} {arguments}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GRAFT_CACHE"] = Path.Combine(folder, "cache");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken
        );
        limit.CancelAfter(Patience);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        await output;
        return process.ExitCode == 0
            ? []
            : [$"{snippet.Place}: '{command}' ended with {process.ExitCode}: {(await errors).Trim()}"];
    }
}
