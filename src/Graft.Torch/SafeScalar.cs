using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Numbers passed to libtorch and read from it. TorchSharp 0.107 passes a <see cref="Scalar"/>'s bare handle to native
/// code and keeps nothing alive: a garbage
/// collection at that moment lets the finaliser free the number while libtorch reads it, and the result is silently
/// wrong or an exception. A conversion, an
/// operator with a number and many of TorchSharp's functions (even a + b, whose alpha is 1) make such temporaries;
/// BannedSymbols.txt lists and forbids them all.
/// </summary>
internal static class SafeScalar
{
    /// <summary>
    /// Reached by nothing else, a number lives until this many more were made by its thread: far more than the
    /// arguments of one call.
    /// </summary>
    private const int HeldCount = 64;

#pragma warning disable RS0030 // Banned: the one place that makes scalars, and keeps them.
    /// <summary>The integer 1, which is a factor of any type of tensor.</summary>
    public static readonly Scalar One = 1L.ToScalar();
    private static readonly Scalar Two = 2L.ToScalar();

    [ThreadStatic]
    private static Scalar[]? _held;

    [ThreadStatic]
    private static int _next;

    /// <summary>A floating-point number as an argument.</summary>
    public static Scalar Held(double value) => Keep(value.ToScalar());

    /// <summary>An integer as an argument: what it meets keeps its type.</summary>
    public static Scalar Held(long value) => Keep(value.ToScalar());

    /// <summary>A boolean as an argument.</summary>
    public static Scalar Held(bool value) => Keep(value.ToScalar());
#pragma warning restore RS0030

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>x + number; an integer tensor becomes a floating one.</summary>
    public static Tensor Plus(this Tensor x, double number) => x.add(Held(number), One);

    /// <summary>x + number; the type stays.</summary>
    public static Tensor Plus(this Tensor x, long number) => x.add(Held(number), One);

    /// <summary>x times number; an integer tensor becomes a floating one.</summary>
    public static Tensor Times(this Tensor x, double number) => x.mul(Held(number));

    /// <summary>x times number; the type stays.</summary>
    public static Tensor Times(this Tensor x, long number) => x.mul(Held(number));

    /// <summary>x / number, a floating tensor.</summary>
    public static Tensor DividedBy(this Tensor x, double number) => x.div(Held(number));

    /// <summary>x times x, element by element.</summary>
    public static Tensor Squared(this Tensor x) => x.pow(Two);

    /// <summary>0 to <paramref name="count"/> - 1, int64.</summary>
    public static Tensor Indices(long count, Device? device = null) =>
        arange(Held(0), Held(count), One, ScalarType.Int64, device);

    /// <summary>The number in a tensor of one element, read from its memory without a <see cref="Scalar"/>.</summary>
    public static double ReadNumber(this Tensor x)
    {
        Tensor wide =
            x.dtype == ScalarType.Float64 && x.device_type == DeviceType.CPU
                ? x
                : x.detach().to(ScalarType.Float64).cpu();
        double value = wide.item<double>();
        GC.KeepAlive(wide); // item reads through a pointer that does not hold the tensor
        return value;
    }

    /// <summary>The boolean in a tensor of one element.</summary>
    public static bool ReadBoolean(this Tensor x)
    {
        Tensor near = x.device_type == DeviceType.CPU ? x : x.cpu();
        bool value = near.item<bool>();
        GC.KeepAlive(near);
        return value;
    }

    private static Scalar Keep(Scalar scalar)
    {
        Scalar[] held = _held ??= new Scalar[HeldCount];
        _next = (_next + 1) % HeldCount;
        return held[_next] = scalar;
    }
}
