using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Torch;

namespace Graft.Training.Tests;

/// <summary>
/// Calls every public method and constructor with null for each parameter that may not be null, one at a time. The
/// other arguments are only there to be passed: null is found before they are used.
/// </summary>
[Collection("torch")]
public sealed class NullArgumentTests
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Assemblies => [.. s_assemblies.Keys];

    private static readonly Dictionary<string, Assembly> s_assemblies = new()
    {
        ["Graft.Onnx"] = typeof(OnnxModel).Assembly,
        ["Graft"] = typeof(Predictor).Assembly,
        ["Graft.Torch"] = typeof(TorchGraph).Assembly,
        ["Graft.Training"] = typeof(Trainer).Assembly,
    };

    [Theory]
    [MemberData(nameof(Assemblies))]
    public async Task Null_is_refused_by_the_name_of_its_parameter(string assembly)
    {
        List<string> wrong = [];
        int count = 0;
        foreach (MethodBase method in s_assemblies[assembly].GetExportedTypes().Where(IsWritten).SelectMany(Methods))
        {
            MethodBase closed = Close(method);
            foreach (ParameterInfo parameter in closed.GetParameters().Where(MayNotBeNull))
            {
                count++;
                Exception? error = await Call(closed, parameter);
                if (error is not ArgumentNullException refused || refused.ParamName != parameter.Name)
                {
                    wrong.Add($"{method.DeclaringType}.{method}, {parameter.Name}: {error?.GetType().Name ?? "taken"}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
        Assert.True(count > 10);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Options_take_no_null(string assembly)
    {
        List<string> wrong = [];
        IEnumerable<Type> options = s_assemblies[assembly]
            .GetExportedTypes()
            .Where(type => IsWritten(type) && type.GetConstructor(Type.EmptyTypes) is not null)
            .Where(type => type != typeof(ModelCard)); // read from a file, and checked as a whole
        foreach (PropertyInfo property in options.SelectMany(type => type.GetProperties(Own)).Where(MayNotBeSetToNull))
        {
            object target = Activator.CreateInstance(property.DeclaringType!)!;
            TargetInvocationException? error = Record.Exception(() => property.SetValue(target, null))
                as TargetInvocationException;
            if (error?.InnerException is not ArgumentNullException)
            {
                wrong.Add($"{property.DeclaringType}.{property.Name}");
            }
        }

        Assert.Empty(wrong);
    }

    // Not what protobuf's compiler wrote, nor exceptions, whose messages may be null as those of the framework.
    private static bool IsWritten(Type type) =>
        !typeof(IMessage).IsAssignableFrom(type)
        && !typeof(Exception).IsAssignableFrom(type)
        && !typeof(Delegate).IsAssignableFrom(type)
        && type.GetProperty("Descriptor", Own) is null
        && !(type is { IsAbstract: true, IsSealed: true } && type.Name == "Types");

    // A record with a list of parameters holds the values that it gets, and uses none of them.
    private static IEnumerable<MethodBase> Methods(Type type) =>
        type.GetMethods(Own)
            .Where(method => !method.IsSpecialName && !method.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Where(method => !method.IsAbstract && method.GetBaseDefinition() == method)
            .Concat<MethodBase>(type.GetMethod("Deconstruct", Own) is null ? type.GetConstructors() : [])
            .Where(method => !method.GetParameters().Any(parameter => parameter.ParameterType.IsByRefLike));

    private static MethodBase Close(MethodBase method) =>
        method is MethodInfo { IsGenericMethodDefinition: true } open
            ? open.MakeGenericMethod([.. open.GetGenericArguments().Select(_ => typeof(string))])
            : method;

    private static bool MayNotBeNull(ParameterInfo parameter) =>
        !parameter.ParameterType.IsValueType
        && !parameter.ParameterType.IsByRef
        && new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.NotNull;

    private static bool MayNotBeSetToNull(PropertyInfo property) =>
        property.SetMethod is { IsPublic: true }
        && !property.PropertyType.IsValueType
        && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.NotNull;

    private static async Task<Exception?> Call(MethodBase method, ParameterInfo parameter)
    {
        object?[] arguments =
        [
            .. method.GetParameters().Select(one => one.Position == parameter.Position ? null : Some(one)),
        ];
        try
        {
            object? target = method is ConstructorInfo || method.IsStatic ? null : Instance(method.DeclaringType!);
            await Finish(method is ConstructorInfo made ? made.Invoke(arguments) : method.Invoke(target, arguments));
            return null;
        }
        catch (TargetInvocationException error)
        {
            return error.InnerException;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    // Waits for what runs later.
    private static async Task Finish(object? result)
    {
        switch (result)
        {
            case Task task:
                await task;
                break;
            case IAsyncEnumerable<object> values:
                await foreach (object _ in values)
                {
                    break;
                }

                break;
            case IEnumerable values and not string:
                _ = values.GetEnumerator().MoveNext();
                break;
            default:
                break;
        }
    }

    private static object? Some(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        return parameter.HasDefaultValue ? parameter.DefaultValue
            : type.IsValueType ? Activator.CreateInstance(type)
            : new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable ? null
            : type == typeof(string) ? "x"
            : type.IsArray ? Array.CreateInstance(type.GetElementType()!, 1)
            : typeof(Delegate).IsAssignableFrom(type) ? null
            : typeof(Stream).IsAssignableFrom(type) ? new MemoryStream()
            : type.IsInterface || type.IsAbstract ? SomeList(type)
            : Instance(type);
    }

    private static Array? SomeList(Type type) =>
        type is { IsGenericType: true } && type.GetGenericArguments() is [Type element]
        && Array.CreateInstance(element, 0) is Array list
        && type.IsInstanceOfType(list)
            ? list
            : null;

    private static object Instance(Type type) =>
        type.GetConstructor(Type.EmptyTypes)?.Invoke(null) ?? RuntimeHelpers.GetUninitializedObject(type);
}
