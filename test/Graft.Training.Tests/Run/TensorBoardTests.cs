using System.Text;
using Graft.Training.Run;
using Microsoft.Extensions.Time.Testing;
using Tensorboard;

namespace Graft.Training.Tests.Run;

public sealed class TensorBoardTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 30, 12, 0, 0, 500, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_checksum_is_that_of_TensorFlow()
    {
        // CRC-32C of the digits is 0xe3069283 (RFC 3720); the mask is that of crc32c.h
        uint crc = 0xe3069283;

        Assert.Equal(((crc >> 15) | (crc << 17)) + 0xa282ead8, EventFile.Checksum("123456789"u8));
    }

    [Fact]
    public void Every_epoch_is_read_back_with_its_time()
    {
        FakeTimeProvider time = new(s_now);
        List<TrainingEvent> passed = [];
        using (TensorBoardProgress board = new(_folder.Root, new Passing(passed), time))
        {
            board.Report(new PhaseStarted("fine-tune", "x"));
            board.Report(new EpochEnded("fine-tune", 1, 2, 0.5, 0.25, 0.75, 0.01));
            time.Advance(TimeSpan.FromSeconds(2));
            board.Report(new EpochEnded("fine-tune", 2, 2, 0.125, null, null, 0.005));
        }

        Event[] events = [.. Read(Assert.Single(Files()))];
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(
            [
                ("fine-tune/training_loss", 1, 0.5f),
                ("fine-tune/validation_loss", 1, 0.25f),
                ("fine-tune/validation_accuracy", 1, 0.75f),
                ("fine-tune/learning_rate", 1, 0.01f),
                ("fine-tune/training_loss", 2, 0.125f),
                ("fine-tune/learning_rate", 2, 0.005f),
            ],
            Values(events)
        );
        Assert.Equal(1_796_040_000.5, events[1].WallTime, tolerance: 1e-6);
        Assert.Equal(1_796_040_002.5, events[^1].WallTime, tolerance: 1e-6);
        Assert.Equal(3, passed.Count);
    }

    [Fact]
    public void A_run_without_epochs_leaves_no_folder()
    {
        using (TensorBoardProgress board = new(_folder.Root))
        {
            board.Report(new Notice("nothing is trained"));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Trainings_of_one_kind_have_curves_of_their_own_over_all_sessions()
    {
        _folder.Write(
            "log.jsonl",
            """
            {"time":"t","event":"EpochEnded","phase":"head training","epoch":1}
            {"time":"t","event":"EpochEnded","phase":"fine-tune","epoch":1}
            {"time":"t","event":"EpochEnded","phase":"fine-tune","epoch":2}

            """
        );
        using (TensorBoardProgress board = new(_folder.Root))
        {
            board.Report(new EpochEnded("fine-tune", 3, 3, 0.5, null, null, 1));
            board.Report(new EpochEnded("fine-tune", 1, 4, 0.25, null, null, 1));
        }

        Assert.Equal(
            ["fine-tune/training_loss", "fine-tune-2/training_loss"],
            Values(Read(Files().Single()))
                .Select(value => value.Tag)
                .Where(tag => tag.EndsWith("loss", StringComparison.Ordinal))
        );
    }

    private string[] Files() => Directory.GetFiles(Path.Combine(_folder.Root, "tensorboard"), "events.out.tfevents.*");

    private static IEnumerable<(string Tag, long Step, float Value)> Values(IEnumerable<Event> events) =>
        events.Skip(1).Select(one => (one.Summary.Value[0].Tag, one.Step, one.Summary.Value[0].SimpleValue));

    // As TensorFlow's RecordReader: both checksums must be right.
    private static IEnumerable<Event> Read(string path)
    {
        using BinaryReader reader = new(File.OpenRead(path), Encoding.UTF8);
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            byte[] length = reader.ReadBytes(sizeof(long));
            Assert.Equal(EventFile.Checksum(length), reader.ReadUInt32());
            byte[] message = reader.ReadBytes((int)BitConverter.ToInt64(length));
            Assert.Equal(EventFile.Checksum(message), reader.ReadUInt32());
            yield return Event.Parser.ParseFrom(message);
        }
    }

    private sealed class Passing(List<TrainingEvent> events) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => events.Add(value);
    }
}
