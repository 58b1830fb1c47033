using NetVips;

namespace Graft.Imaging;

/// <summary>
/// Gives each image its own error. libvips keeps one error text for all threads, so under load it may belong to another
/// image. An image that fails is therefore decoded once more while no other is.
/// </summary>
internal static class VipsErrors
{
    private static readonly ReaderWriterLockSlim s_gate = new();

    /// <summary>Decodes an image.</summary>
    /// <param name="decode">Calls libvips.</param>
    /// <param name="known">The error where it needs no words of libvips; null to decode once more.</param>
    /// <param name="describe">Turns what libvips says of this image into the error.</param>
    /// <exception cref="ImageException">libvips refuses the image.</exception>
    public static T Run<T>(
        Func<T> decode,
        Func<VipsException, ImageException?> known,
        Func<VipsException, ImageException> describe
    )
    {
        s_gate.EnterReadLock();
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

        return Alone(decode, describe);
    }

    private static T Alone<T>(Func<T> decode, Func<VipsException, ImageException> describe)
    {
        s_gate.EnterWriteLock();
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
