using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Studio;

/// <summary>What is open in the studio. Thread-safe.</summary>
internal sealed class Workspace(StudioOptions options) : IDisposable
{
    private volatile OpenSet? _set;

    /// <summary>The images that are open; null: none.</summary>
    public OpenSet? Set => _set;

    /// <summary>The images that are open.</summary>
    /// <exception cref="NotFoundException">None are.</exception>
    public OpenSet RequireSet() => _set ?? throw new NotFoundException("No images are open; open a folder first.");

    /// <summary>Opens a folder, a list or an archive instead of what is open now.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="followsLinks">False for what came from outside.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="GraftException">It cannot be used.</exception>
    public async Task<OpenSet> OpenAsync(string path, bool followsLinks, CancellationToken cancel)
    {
        ImageSetOptions reading = SetSnapshot.Reading(options) with { FollowLinks = followsLinks };
        ImageSet set = await Task.Run(() => ImageSet.Load(path, reading, cancel: cancel), cancel).ConfigureAwait(false);
        return Replace(new(set));
    }

    /// <summary>Adds the pictures of a folder without labels to what is open, or opens them alone.</summary>
    /// <param name="folder">Its path. Pictures in its subfolders count too.</param>
    /// <param name="followsLinks">False for what came from outside.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>How many were added.</returns>
    /// <exception cref="GraftException">The folder has no picture.</exception>
    public async Task<int> AddUnlabelledAsync(string folder, bool followsLinks, CancellationToken cancel)
    {
        string full = Path.GetFullPath(folder);
        IReadOnlyList<SetImage> images = await Task.Run(() => Pictures(full, followsLinks), cancel)
            .ConfigureAwait(false);
        return images.Count == 0
            ? throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be used: it has no picture; choose another folder"
            )
            : (_set ?? Replace(new(folder))).AddUnlabelled(images);
    }

    /// <inheritdoc/>
    public void Dispose() => _set?.Dispose();

    private OpenSet Replace(OpenSet set)
    {
        Interlocked.Exchange(ref _set, set)?.Dispose();
        return set;
    }

    private IReadOnlyList<SetImage> Pictures(string folder, bool followsLinks)
    {
        FolderListing listing = ImageFolder.List(
            folder,
            new() { Depth = options.Training.Limits.FolderDepth, FollowLinks = followsLinks }
        );
        string start = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        return
        [
            .. listing
                .Files.Where(file => file.Problem is null && ImageFormats.HasImageExtension(file.Path))
                .Select(file => SetImage.Unlabelled($"{start}/{file.Path}", file.File)),
        ];
    }
}
