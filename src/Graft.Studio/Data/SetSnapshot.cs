using Graft.Imaging;
using Graft.Training;

namespace Graft.Studio;

/// <summary>The images of a set and their labels at one moment. Immutable.</summary>
/// <param name="Set">The set.</param>
/// <param name="Images">All images.</param>
/// <param name="Labels">Labels of each image; null: no training uses it.</param>
/// <param name="IsChanged">Whether a label differs from what was read, or a picture was added.</param>
internal sealed record SetSnapshot(
    OpenSet Set,
    IReadOnlyList<SetImage> Images,
    IReadOnlyList<IReadOnlyList<string>?> Labels,
    bool IsChanged
)
{
    /// <summary>Numbers of the images that a training uses.</summary>
    public IEnumerable<int> Labelled => Enumerable.Range(0, Images.Count).Where(i => Labels[i] is not null);

    /// <summary>The images that a training uses, with their labels.</summary>
    /// <exception cref="GraftException">There are too few.</exception>
    public Task<ImageSet> LabelledSetAsync(StudioOptions options, CancellationToken cancel) =>
        ImageSet.CreateAsync(
            Labelled.Select(i => Images[i].Image with { Labels = Labels[i]! }),
            Reading(options) with
            {
                Task = Set.Task,
            },
            cancel: cancel
        );

    /// <summary>All images, as if they were of one class: for features, which depend on the pixels only.</summary>
    /// <inheritdoc cref="LabelledSetAsync"/>
    public Task<ImageSet> WholeSetAsync(StudioOptions options, CancellationToken cancel) =>
        ImageSet.CreateAsync(
            Images.Select(one => one.Image with { Labels = ["image"], Part = null }),
            Reading(options),
            cancel: cancel
        );

    /// <summary>Writes the labels as a list that a training can read. Pictures of archives become files.</summary>
    /// <param name="path">Path of the list, which must not exist.</param>
    /// <param name="store">Where they become files.</param>
    /// <param name="limits">Limits on one image.</param>
    /// <param name="cancel">Stops before the list is written.</param>
    /// <returns>The path.</returns>
    /// <exception cref="GraftException">The list cannot be written.</exception>
    public async Task<string> WriteAsync(
        string path,
        PictureStore store,
        DecodeLimits limits,
        CancellationToken cancel
    )
    {
        List<ListedRow> rows = [];
        Dictionary<string, int> copies = new(StringComparer.Ordinal);
        foreach (int i in Labelled)
        {
            string file = Images[i].File ?? await UnpackAsync(Images[i].Image).ConfigureAwait(false);
            rows.Add(new(file, Labels[i]!, Images[i].Image.Part, Images[i].Image.Group));
        }

        LabelList.Write(path, rows, Set.IsMultiLabel);
        return path;

        async Task<string> UnpackAsync(LabelledImage image)
        {
            Stream stream = await image.OpenAsync(cancel).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                byte[] bytes = await ImageFile.ReadAsync(stream, image.Name, limits, cancel).ConfigureAwait(false);
                int copy = copies[image.ContentHash] = copies.GetValueOrDefault(image.ContentHash, -1) + 1;
                return store.Keep(bytes, copy).Path;
            }
        }
    }

    /// <summary>How images are read.</summary>
    public static ImageSetOptions Reading(StudioOptions options) =>
        new()
        {
            LeastClasses = 1,
            LeastImages = 1,
            Data = options.Training.Data,
            Limits = options.Training.Limits.Image,
            Depth = options.Training.Limits.FolderDepth,
            Task = options.Training.Task,
        };
}
