using System.Reflection;
using Graft.Torch;
using TorchSharp;

namespace Graft.Training.Tests.Torch;

/// <summary>
/// Searches the compiled code, because the analyser behind BannedSymbols.txt misses the operator in <c>a += b</c> and
/// <c>a *= 2</c>.
/// </summary>
public sealed class TensorOperatorTests
{
    private const int MemberReferences = 0x0a000000; // tokens of this table (ECMA-335, II.22.25)

    [Fact]
    public void No_tensor_operator_makes_a_scalar_that_nothing_keeps_alive()
    {
        MethodBase[] called =
        [
            .. new[] { typeof(TorchGraph), typeof(TensorOperatorTests) }.SelectMany(type => Called(type.Module)),
        ];

        // a product of two tensors proves that the search finds operators
        Assert.Contains(called, method => method.Name == "op_Multiply");
        Assert.DoesNotContain(called, method => IsUnsafe(method));
        Assert.True(IsUnsafe(typeof(torch.Tensor).GetMethod("op_Multiply", [typeof(torch.Tensor), typeof(double)])!));
    }

    // The factor of an addition, 1, is such a scalar. A number that becomes a tensor (op_Implicit) is not.
    private static bool IsUnsafe(MethodBase method) =>
        method.Name is "op_Addition"
        || (
            method.Name.StartsWith("op_", StringComparison.Ordinal)
            && method.Name != "op_Implicit"
            && method.GetParameters().Any(parameter => parameter.ParameterType.IsPrimitive)
        );

    private static IEnumerable<MethodBase> Called(Module module)
    {
        for (int row = 1; ; row++)
        {
            MemberInfo? member;
            try
            {
                member = module.ResolveMember(MemberReferences + row, [], []);
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break; // the end of the table
            }
            catch (Exception error) when (error is BadImageFormatException or ArgumentException)
            {
                continue; // a member of a generic type without its arguments does not belong to a tensor
            }

            if (member is MethodBase method && method.DeclaringType == typeof(torch.Tensor))
            {
                yield return method;
            }
        }
    }
}
