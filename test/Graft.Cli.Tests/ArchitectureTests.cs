using System.Reflection;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Tests;

/// <summary>
/// Dependencies point one way: Cli → Training → Graft; a deployed predictor needs ONNX Runtime and libvips only.
/// </summary>
public sealed class ArchitectureTests
{
    [Theory]
    [InlineData("TorchSharp")]
    [InlineData("Graft.Training")]
    [InlineData("Graft.Cli")]
    [InlineData("Spectre.Console")]
    public void What_a_deployed_program_needs_does_not_reference(string assembly)
    {
        Assert.DoesNotContain(assembly, References(typeof(Predictor).Assembly));
    }

    [Fact]
    public void Training_does_not_reference_the_command()
    {
        Assert.DoesNotContain("Graft.Cli", References(typeof(Trainer).Assembly));
    }

    [Fact]
    public void No_public_member_of_training_takes_or_returns_a_torch_type()
    {
        IEnumerable<Type> mentioned = typeof(Trainer)
            .Assembly.GetExportedTypes()
            .SelectMany(type =>
                type.GetMembers(
                    BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly
                )
            )
            .SelectMany(TypesOf);

        Assert.DoesNotContain(mentioned, type => type.Assembly.GetName().Name == "TorchSharp");
    }

    private static IEnumerable<string?> References(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(name => name.Name);

    private static IEnumerable<Type> TypesOf(MemberInfo member) =>
        member switch
        {
            MethodBase method => method
                .GetParameters()
                .Select(p => p.ParameterType)
                .Append((method as MethodInfo)?.ReturnType ?? typeof(void)),
            PropertyInfo property => [property.PropertyType],
            FieldInfo field => [field.FieldType],
            _ => [],
        };
}
