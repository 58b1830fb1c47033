using System.Diagnostics;
using NetVips;

namespace Graft.Imaging;

/// <summary>
/// Gives each image its own error. libvips keeps one error text for all threads, so under load it may belong to another
/// image. An image that fails is therefore decoded once more while no other is.
/// </summary>
/// <remarks>
/// A damaged image must not hold up a server: the second decoding is left out where the first was slow, or where other
/// images take long. The error then has no words of libvips.
/// </remarks>
internal static class VipsErrors
{
    private static readonly TimeSpan s_longestDecoding = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(0.25);
    private static readonly ReaderWriterLockSlim s_gate = new();

    /// <summary>Decodes an image.</summary>
    /// <param name="decode">Calls libvips.</param>
    /// <param name="known">The error where it needs no words of libvips; null to decode once more.</param>
    /// <param name="describe">
    /// Turns what libvips says of this image into the error. Gets null where nobody knows whether the words are about
    /// this image.
    /// </param>
    /// <exception cref="ImageException">libvips refuses the image.</exception>
    public static T Run<T>(
        Func<T> decode,
        Func<VipsException, ImageException?> known,
        Func<VipsException?, ImageException> describe
    )
    {
        s_gate.EnterReadLock();
        long start = Stopwatch.GetTimestamp();
        try
        {
            return decode();
        }
        catch (VipsException error)
        {
            if (known(error) is ImageException explained)
            {
                throw explained;
            }
        }
        finally
        {
            s_gate.ExitReadLock();
        }

        return Stopwatch.GetElapsedTime(start) < s_longestDecoding && s_gate.TryEnterWriteLock(s_longestWait)
            ? Alone(decode, describe)
            : throw describe(null);
    }

    private static T Alone<T>(Func<T> decode, Func<VipsException?, ImageException> describe)
    {
        try
        {
            return decode();
        }
        catch (VipsException error)
        {
            throw describe(error);
        }
        finally
        {
            s_gate.ExitWriteLock();
        }
    }
}
