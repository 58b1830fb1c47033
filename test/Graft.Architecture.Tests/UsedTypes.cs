using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Graft.Architecture.Tests;

/// <summary>The types that a compiled type mentions: bases, attributes, signatures, locals and instructions.</summary>
internal static class UsedTypes
{
    /// <summary>Every mention, generic arguments and element types taken apart.</summary>
    public static IEnumerable<TypeReference> Of(TypeDefinition type) =>
        Mentioned(type).OfType<TypeReference>().SelectMany(Parts);

    private static IEnumerable<TypeReference?> Mentioned(TypeDefinition type) =>
        type
            .Interfaces.Select(one => one.InterfaceType)
            .Append(type.BaseType)
            .Concat(Attributes(type))
            .Concat(type.Fields.Select(field => field.FieldType))
            .Concat(type.Fields.SelectMany(Attributes))
            .Concat(type.Properties.Select(property => property.PropertyType))
            .Concat(type.Properties.SelectMany(Attributes))
            .Concat(type.Methods.SelectMany(InMethod));

    private static IEnumerable<TypeReference?> Attributes(ICustomAttributeProvider provider) =>
        provider.CustomAttributes.SelectMany(attribute =>
            attribute
                .ConstructorArguments.Select(argument => argument.Value as TypeReference)
                .Append(attribute.AttributeType)
        );

    private static IEnumerable<TypeReference?> InMethod(MethodDefinition method)
    {
        IEnumerable<TypeReference?> signature = Signature(method).Concat(Attributes(method));
        return method.HasBody
            ? signature
                .Concat(method.Body.Variables.Select(variable => variable.VariableType))
                .Concat(method.Body.ExceptionHandlers.Select(handler => handler.CatchType))
                .Concat(method.Body.Instructions.SelectMany(InInstruction))
            : signature;
    }

    private static IEnumerable<TypeReference?> InInstruction(Instruction instruction) =>
        instruction.Operand switch
        {
            TypeReference type => [type],
            FieldReference field => [field.DeclaringType, field.FieldType],
            GenericInstanceMethod method => Signature(method)
                .Append(method.DeclaringType)
                .Concat(method.GenericArguments),
            MethodReference method => Signature(method).Append(method.DeclaringType),
            _ => [],
        };

    private static IEnumerable<TypeReference?> Signature(MethodReference method) =>
        method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType);

    private static IEnumerable<TypeReference> Parts(TypeReference type) =>
        type switch
        {
            GenericParameter => [],
            GenericInstanceType generic => generic
                .GenericArguments.SelectMany(Parts)
                .Concat(Parts(generic.ElementType)),
            TypeSpecification specification => Parts(specification.ElementType),
            _ => [type],
        };
}
