using Graft.Imaging;

namespace Graft.Tests.Imaging;

/// <summary>Renders several views of a picture.</summary>
internal static class RenderedViews
{
    /// <summary>Renders views together, and checks that each is the same when it is rendered alone.</summary>
    /// <returns>The views, one after another.</returns>
    public static byte[] AssertSameAlone(Preprocessor preprocessor, byte[] file, params ImageView[] views)
    {
        int size = preprocessor.PixelBytes;
        byte[] together = new byte[views.Length * size];
        preprocessor.Render(file, "picture", views, together);

        for (int i = 0; i < views.Length; i++)
        {
            byte[] alone = new byte[size];
            preprocessor.Render(file, "picture", [views[i]], alone);
            Assert.Equal(alone, together.AsSpan(i * size, size).ToArray());
        }

        return together;
    }
}
