using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graft.Runtimes.Tests;

/// <summary>The C# programs of the pages, compiled without Graft's assemblies.</summary>
[Collection(RuntimesGroup.Name)]
public sealed class CsharpPageTests(TrainedModel trained)
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        """;

    [Fact]
    public void ONNX_Runtime_alone_gives_Grafts_answers()
    {
        string output = Run(PageSnippet.Of("csharp", "csharp"), PageSnippet.Of("csharp", "csharp", 1));

        PrintedAnswers.AssertSame(trained, output);
    }

    [Fact]
    public void A_pipeline_of_ML_NET_gives_Grafts_answers()
    {
        string output = Run(PageSnippet.Of("csharp", "csharp"), PageSnippet.Of("ml-net", "csharp"));

        PrintedAnswers.AssertSame(trained, output);
    }

    private string Run(params string[] files)
    {
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"page-{Guid.NewGuid():N}",
            files.Prepend(ImplicitUsings).Select(text => CSharpSyntaxTree.ParseText(text)),
            platform
                .Where(path => !Path.GetFileName(path).StartsWith("Graft", StringComparison.Ordinal))
                .Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
        );
        using MemoryStream assembly = new();
        Assert.Empty(compilation.Emit(assembly).Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error));
        assembly.Position = 0;
        MethodInfo program = AssemblyLoadContext.Default.LoadFromStream(assembly).EntryPoint!;
        TextWriter before = Console.Out;
        using StringWriter output = new() { NewLine = "\n" };
        Console.SetOut(output);
        try
        {
            program.Invoke(null, [(string[])[trained.Model, .. trained.Pictures]]);
        }
        finally
        {
            Console.SetOut(before);
        }

        return output.ToString();
    }
}
