using NetVips;

namespace Graft.Imaging;

/// <summary>Loads libvips and sets it up for decoding many images at once in little memory.</summary>
internal static class Vips
{
    private static readonly Lazy<string> s_version = new(Start);

    /// <summary>Version of the native library, such as "8.17.1".</summary>
    /// <exception cref="GraftException">The native library is missing.</exception>
    public static string Version
    {
        get
        {
            try
            {
                return s_version.Value;
            }
            catch (Exception error)
                when (error is DllNotFoundException or TypeInitializationException or BadImageFormatException)
            {
                throw new GraftException(
                    "'libvips' cannot be loaded: its native library is not beside the program; "
                        + "add the package NetVips.Native, or install libvips 8.15 or newer",
                    error
                );
            }
        }
    }

    /// <summary>Loads and sets up libvips, once per process.</summary>
    /// <exception cref="GraftException">The native library is missing.</exception>
    public static void Prepare() => _ = Version;

    private static string Start()
    {
        NetVips.NetVips.Concurrency = 1; // threads go to images, not into one image
        Cache.Max = 0; // no operation is repeated; the cache would keep the last hundred images
        Cache.MaxMem = 0;
        Cache.MaxFiles = 0;
        // libvips's warnings must not reach the user's terminal
        _ = Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
        return $"{NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}";
    }
}
