using NetVips;

namespace Graft.Imaging;

/// <summary>Sets libvips up for decoding many images at once in flat memory.</summary>
internal static class Vips
{
    private static readonly Lazy<bool> Ready = new(Start);

    /// <summary>Loads and sets up libvips, once a process.</summary>
    /// <exception cref="GraftException">The native library is not there.</exception>
    public static void Prepare()
    {
        try
        {
            _ = Ready.Value;
        }
        catch (Exception error)
            when (error is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new GraftException(
                "'libvips' cannot be loaded: its native library is not beside the program; add the package NetVips.Native, or install libvips 8.15 or newer",
                error
            );
        }
    }

    private static bool Start()
    {
        NetVips.NetVips.Concurrency = 1; // threads go to images, not into one image
        Cache.Max = 0; // no operation is repeated; the cache would keep the last hundred images
        Cache.MaxMem = 0;
        Cache.MaxFiles = 0;
        // its warnings are not our user's lines
        _ = Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
        return true;
    }
}
