using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace Graft.Training.Run;

/// <summary>
/// An event file of TensorBoard: records of TensorFlow (length, its checksum, message, its checksum), each flushed.
/// </summary>
/// <remarks>
/// The messages are TorchSharp's. Its SummaryWriter is not used: it stores times as 32-bit numbers or as ticks of .NET,
/// and TensorBoard then shows wrong ones.
/// </remarks>
internal sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2";
    private const uint MaskDelta = 0xa282ead8; // tensorflow/core/lib/hash/crc32c.h
    private readonly FileStream _file;
    private readonly TimeProvider _time;

    private EventFile(FileStream file, TimeProvider time) => (_file, _time) = (file, time);

    /// <summary>Begins a file; the folder is created where it does not exist.</summary>
    public static EventFile Create(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        // TensorBoard reads the files of a folder in the order of their names
        string name = $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeMilliseconds():D14}.graft";
        FileStream stream = new(
            Path.Combine(folder, name),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.Read,
            bufferSize: 0
        );
        EventFile file = new(stream, time);
        file.Append(new Event { FileVersion = Version });
        return file;
    }

    /// <summary>Appends one value of a curve.</summary>
    /// <param name="tag">Name of the curve.</param>
    /// <param name="step">Where on the curve.</param>
    /// <param name="value">The value.</param>
    public void Append(string tag, long step, float value)
    {
        Summary summary = new();
        summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = value });
        Append(new Event { Step = step, Summary = summary });
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The checksum of TensorFlow's records: CRC-32C, rotated, plus a constant.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }

    private void Append(Event value)
    {
        value.WallTime = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0; // seconds
        byte[] message = value.ToByteArray();
        byte[] length = BitConverter.GetBytes((long)message.Length);
        _file.Write([
            .. length,
            .. BitConverter.GetBytes(Checksum(length)),
            .. message,
            .. BitConverter.GetBytes(Checksum(message)),
        ]);
    }
}
