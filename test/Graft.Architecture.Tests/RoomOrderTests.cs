namespace Graft.Architecture.Tests;

public sealed class RoomOrderTests
{
    private static readonly CompiledTypes Training = CompiledTypes.Read(Assemblies.PathOf("Graft.Training"));

    [Fact]
    public void Each_room_uses_only_rooms_before_it()
    {
        Assert.Empty(RoomOrder.Training.BackArrows(Training));
    }

    [Fact]
    public void No_two_rooms_use_each_other()
    {
        Assert.Empty(RoomOrder.Training.TwoWayPairs(Training));
    }

    [Fact]
    public void Every_folder_of_the_project_has_its_place_in_the_order()
    {
        Assert.Empty(RoomOrder.Training.UnknownRooms(Repository.Files));
    }

    [Fact]
    public void A_reference_to_a_later_room_is_found()
    {
        RoomOrder reversed = new("src/Graft.Training/", ["Release", "Probe", "Run", ""]);

        IReadOnlyList<string> back = reversed.BackArrows(Training);

        Assert.Contains(back, arrow => arrow.StartsWith("src/Graft.Training/Release/", StringComparison.Ordinal));
        Assert.Contains(back, arrow => arrow.Contains(" -> src/Graft.Training/Run/", StringComparison.Ordinal));
    }

    [Fact]
    public void Enumerations_and_interfaces_have_a_source_file_too()
    {
        Assert.StartsWith(
            "src/Graft.Training/Options/",
            Training.FileOf("Graft.Training.OptimizerKind"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void No_class_has_the_name_of_a_room()
    {
        string[] rooms = [.. Repository.Files.Where(IsRoomFile).Select(path => path.Split('/')[2]).Distinct()];
        string[] types =
        [
            .. Repository.Files.Where(IsRoomFile).Select(path => Path.GetFileNameWithoutExtension(path)).Distinct(),
        ];

        Assert.NotEmpty(rooms);
        Assert.Empty(rooms.Intersect(types));
    }

    private static bool IsRoomFile(string path) =>
        path.StartsWith("src/Graft.Training/", StringComparison.Ordinal)
        && path.EndsWith(".cs", StringComparison.Ordinal)
        && path.Split('/').Length > 3;
}
