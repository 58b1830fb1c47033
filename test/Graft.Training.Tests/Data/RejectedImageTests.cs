using System.Text;
using Graft.Imaging;

namespace Graft.Training.Tests.Data;

public sealed class RejectedImageTests
{
    [Theory]
    [InlineData("just some text", "GIF or PNM; delete it or list it in ignore.txt")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull, or list it in ignore.txt")]
    [InlineData("/annex/objects/SHA256E-s1--a.jpg\n", "git annex get, or list it in ignore.txt")]
    [InlineData("<html><body>404</body></html>", "download the image again, or list it in ignore.txt")]
    public void A_pointer_in_an_images_place_is_not_to_be_deleted(string content, string end)
    {
        ImageException error = Assert.Throws<ImageException>(() =>
            ImageDecoder.Decode(Encoding.ASCII.GetBytes(content), "a.jpg")
        );

        Assert.EndsWith(end, RejectedImage.Of("a.jpg", error).Reason, StringComparison.Ordinal);
    }
}
