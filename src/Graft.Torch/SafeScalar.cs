using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Arithmetic with numbers that no garbage collection can corrupt. Use it instead of TorchSharp's operators and
/// conversions to <see cref="Scalar"/>.
/// </summary>
/// <remarks>
/// TorchSharp 0.107 passes a <see cref="Scalar"/>'s bare handle to native code and does not keep the object alive. If a
/// garbage collection runs at that moment, the finaliser frees the number while libtorch reads it, and the result is
/// silently wrong or an exception. Conversions, operators with a number and many of TorchSharp's functions make such
/// temporaries, even a + b, whose factor is 1. BannedSymbols.txt forbids them in Graft.
/// </remarks>
public static class SafeScalar
{
    /// <summary>
    /// A scalar is kept alive until its thread has made this many more, which exceeds the arguments of any call.
    /// </summary>
    private const int HeldCount = 64;

#pragma warning disable RS0030 // Banned everywhere else: this class makes scalars and keeps them alive.
    /// <summary>The integer 1, a neutral factor for tensors of any type.</summary>
    public static readonly Scalar One = 1L.ToScalar();
    private static readonly Scalar Two = 2L.ToScalar();

    [ThreadStatic]
    private static Scalar[]? _held;

    [ThreadStatic]
    private static int _next;

    /// <summary>Makes a floating-point argument that stays alive during the call.</summary>
    /// <param name="value">The number.</param>
    public static Scalar Held(double value) => Keep(value.ToScalar());

    /// <summary>Makes an integer argument that stays alive during the call. Tensors keep their type.</summary>
    /// <param name="value">The number.</param>
    public static Scalar Held(long value) => Keep(value.ToScalar());

    /// <summary>Makes a boolean argument that stays alive during the call.</summary>
    /// <param name="value">The boolean.</param>
    public static Scalar Held(bool value) => Keep(value.ToScalar());
#pragma warning restore RS0030

    /// <summary>Returns a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a.add(b, One);
    }

    /// <summary>Returns x + number. An integer tensor becomes a floating-point tensor.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.add(Held(number), One);
    }

    /// <summary>Returns x + number in the type of x.</summary>
    public static Tensor Plus(this Tensor x, long number)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.add(Held(number), One);
    }

    /// <summary>Returns x * number. An integer tensor becomes a floating-point tensor.</summary>
    public static Tensor Times(this Tensor x, double number)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.mul(Held(number));
    }

    /// <summary>Returns x * number in the type of x.</summary>
    public static Tensor Times(this Tensor x, long number)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.mul(Held(number));
    }

    /// <summary>Returns x / number as a floating-point tensor.</summary>
    public static Tensor DividedBy(this Tensor x, double number)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.div(Held(number));
    }

    /// <summary>Returns the square of each element.</summary>
    public static Tensor Squared(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.pow(Two);
    }

    /// <summary>Returns the numbers 0 to <paramref name="count"/> - 1 as int64, [count].</summary>
    public static Tensor Indices(long count, Device? device = null) =>
        arange(Held(0), Held(count), One, ScalarType.Int64, device);

    /// <summary>Reads the number in a tensor of one element. Waits for the device if it lies there.</summary>
    public static double ReadNumber(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor wide =
            x.dtype == ScalarType.Float64 && x.device_type == DeviceType.CPU
                ? x
                : x.detach().to(ScalarType.Float64).cpu();
        double value = wide.item<double>();
        GC.KeepAlive(wide); // item reads through a pointer that does not keep the tensor alive
        return value;
    }

    /// <summary>Reads the boolean in a tensor of one element. Waits for the device if it lies there.</summary>
    public static bool ReadBoolean(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor onHost = x.device_type == DeviceType.CPU ? x : x.cpu();
        bool value = onHost.item<bool>();
        GC.KeepAlive(onHost);
        return value;
    }

    private static Scalar Keep(Scalar scalar)
    {
        Scalar[] held = _held ??= new Scalar[HeldCount];
        _next = (_next + 1) % HeldCount;
        return held[_next] = scalar;
    }
}
