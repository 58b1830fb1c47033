using Mono.Cecil;

namespace Graft.Architecture.Tests;

public sealed class AssemblyTests
{
    private static readonly string[] Friends =
    [
        "Graft.Tests",
        "Graft.Packages.Tests",
        "Graft.Runtimes.Tests",
        "Graft.AspNetCore.Tests",
        "Graft.Studio.Tests",
        "Graft.Training.Tests",
        "Graft.ML.Tests",
        "Graft.Cli.Tests",
        "Graft.Architecture.Tests",
        "Graft.Conformance",
        "Graft.Bench",
    ];

    public static TheoryData<string> Shipped => [.. Assemblies.MayReference.Keys];

    public static TheoryData<string, string> Foreign =>
        new()
        {
            { "Graft", "TorchSharp" },
            { "Graft", "Spectre.Console" },
            { "Graft", "CsvHelper" },
            { "Graft.Onnx", "TorchSharp" },
            { "Graft.Onnx", "NetVips" },
            { "Graft.Torch", "NetVips" },
            { "Graft.Training", "Spectre.Console" },
            { "Graft.Training", "Microsoft.ML.Core" },
            { "Graft.Cli", "Microsoft.ML.Core" },
        };

    [Theory]
    [MemberData(nameof(Shipped))]
    public void An_assembly_references_only_those_below_it(string name)
    {
        string[] referenced = [.. References(name).Where(Assemblies.MayReference.ContainsKey)];

        Assert.Empty(referenced.Except(Assemblies.MayReference[name]));
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public void An_assembly_does_not_reference_what_it_promises_to_do_without(string name, string foreign)
    {
        Assert.DoesNotContain(foreign, References(name));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Internals_are_visible_to_tests_and_tools_alone(string name)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(Assemblies.PathOf(name));

        IEnumerable<string> friends = module
            .Assembly.CustomAttributes.Where(attribute => attribute.AttributeType.Name == "InternalsVisibleToAttribute")
            .Select(attribute => (string)attribute.ConstructorArguments[0].Value);

        Assert.Empty(friends.Except(Friends));
    }

    [Theory]
    [InlineData("Graft", "TorchSharp", "NetVips", "Microsoft.ML.OnnxRuntime")]
    [InlineData("Graft.Onnx", "TorchSharp", "NetVips", "Microsoft.ML.OnnxRuntime")]
    [InlineData("Graft.Training", "TorchSharp", "NetVips", "Microsoft.ML.OnnxRuntime")]
    public void No_public_signature_names_a_type_of_the_engines(string name, params string[] engines)
    {
        Assert.Empty(
            PublicSignatures(name)
                .Where(one => engines.Contains(one.Type.Scope.Name.Replace(".dll", "", StringComparison.Ordinal)))
                .Select(one => $"{one.Member}: {one.Type.FullName}")
        );
    }

    [Theory]
    [InlineData("Graft")]
    [InlineData("Graft.Onnx")]
    [InlineData("Graft.Torch")]
    [InlineData("Graft.Training")]
    public void No_public_signature_holds_a_tuple(string name)
    {
        Assert.Empty(
            PublicSignatures(name)
                .Where(one => one.Type.FullName.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
                .Select(one => one.Member)
        );
    }

    private static IEnumerable<string> References(string name)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(Assemblies.PathOf(name));
        return [.. module.AssemblyReferences.Select(reference => reference.Name)];
    }

    private static List<(string Member, TypeReference Type)> PublicSignatures(string name)
    {
        ModuleDefinition module = ModuleDefinition.ReadModule(Assemblies.PathOf(name));
        return
        [
            .. module
                .GetTypes()
                .Where(type => type.IsPublic || type.IsNestedPublic)
                .SelectMany(type => type.Methods)
                .Where(method => method.IsPublic || method.IsFamily)
                .SelectMany(method =>
                    method
                        .Parameters.Select(parameter => parameter.ParameterType)
                        .Append(method.ReturnType)
                        .SelectMany(Parts)
                        .Select(type => (method.FullName, type))
                ),
        ];
    }

    private static IEnumerable<TypeReference> Parts(TypeReference type) =>
        type switch
        {
            GenericParameter => [],
            GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
            TypeSpecification specification => Parts(specification.ElementType),
            _ => [type],
        };
}
