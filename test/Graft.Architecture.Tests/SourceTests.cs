namespace Graft.Architecture.Tests;

public sealed class SourceTests
{
    private const int LongestLine = 120;
    private const int MostFilesInAFolder = 20;

    [Fact]
    public void No_line_of_code_is_longer_than_120_characters()
    {
        Assert.Empty(
            Code()
                .SelectMany(path =>
                    File.ReadLines(Path.Combine(Repository.Root, path))
                        .Select((line, index) => (line, place: $"{path}:{index + 1}"))
                )
                .Where(one => one.line.Length > LongestLine)
                .Select(one => one.place)
        );
    }

    [Fact]
    public void No_folder_under_src_holds_more_than_20_files_of_code()
    {
        Assert.Empty(
            Code()
                .Where(path => path.StartsWith("src/", StringComparison.Ordinal))
                .GroupBy(path => Path.GetDirectoryName(path))
                .Where(folder => folder.Count() > MostFilesInAFolder)
                .Select(folder => $"{folder.Key}: {folder.Count()} files")
        );
    }

    private static IEnumerable<string> Code() =>
        Repository.Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal));
}
