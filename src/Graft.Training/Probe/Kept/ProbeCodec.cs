using System.Runtime.InteropServices;

namespace Graft.Training.Probe;

/// <summary>Turns a fitted probe into bytes and back, every number to the bit. Cache and checkpoints use it.</summary>
internal static class ProbeCodec
{
    private const int ArrayCount = 6;

    /// <summary>All numbers of a probe.</summary>
    public static byte[] ToBytes(ProbeResult probe)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(probe.Layer.ClassCount);
        writer.Write(probe.Layer.FeatureCount);
        double[][] arrays =
        [
            probe.Layer.Weight,
            probe.Layer.Bias,
            probe.Standardisation.Mean,
            probe.Standardisation.Scale,
            probe.OutOfFoldLogits,
            probe.ClassInverseL2 ?? [],
        ];
        foreach (double[] values in arrays)
        {
            writer.Write(values.Length);
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        writer.Write(probe.InverseL2);
        writer.Write(probe.Objective);
        writer.Write(probe.IsConverged);
        writer.Write(probe.Trials.Count);
        foreach (ProbeTrial trial in probe.Trials)
        {
            Write(writer, trial);
        }

        Write(writer, probe.ClosedForm);
        writer.Write(probe.Heads.Count);
        foreach (TriedHead head in probe.Heads)
        {
            Write(writer, head);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>The probe in <paramref name="bytes"/>; null where another version of Graft wrote them.</summary>
    public static ProbeResult? FromBytes(byte[] bytes)
    {
        using BinaryReader reader = new(new MemoryStream(bytes));
        try
        {
            (int classCount, int featureCount) = (reader.ReadInt32(), reader.ReadInt32());
            double[][] arrays = [.. Enumerable.Range(0, ArrayCount).Select(_ => ReadArray(reader))];
            double inverseL2 = reader.ReadDouble();
            double objective = reader.ReadDouble();
            bool isConverged = reader.ReadBoolean();
            ProbeTrial[] trials = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadTrial(reader))];
            ClosedForm? closedForm = ReadClosedForm(reader);
            TriedHead[] heads = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadHead(reader))];
            if (!Fits(arrays, classCount, featureCount))
            {
                return null;
            }

            return new(
                new(classCount, featureCount, arrays[0], arrays[1]),
                new(arrays[2], arrays[3]),
                inverseL2,
                trials,
                arrays[4],
                objective,
                isConverged
            )
            {
                ClassInverseL2 = arrays[5].Length == 0 ? null : arrays[5],
                ClosedForm = closedForm,
                Heads = heads,
            };
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentException)
        {
            return null;
        }
    }

    private static bool Fits(double[][] arrays, int classCount, int featureCount) =>
        classCount >= 2
        && featureCount >= 1
        && arrays[0].LongLength == (long)classCount * featureCount
        && arrays[1].Length == classCount
        && arrays[2].Length == featureCount
        && arrays[3].Length == featureCount
        && (arrays[5].Length == 0 || arrays[5].Length == classCount);

    private static void Write(BinaryWriter writer, ProbeTrial trial)
    {
        writer.Write(trial.InverseL2);
        writer.Write(trial.MeanLossNats);
        writer.Write(trial.LossStandardError);
        writer.Write(trial.Accuracy);
        writer.Write(trial.AccuracyStandardError);
        writer.Write(trial.Iterations);
    }

    private static ProbeTrial ReadTrial(BinaryReader reader) =>
        new(
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadDouble(),
            reader.ReadInt32()
        );

    private static void Write(BinaryWriter writer, ClosedForm? closedForm)
    {
        writer.Write(closedForm is not null);
        if (closedForm is not null)
        {
            writer.Write(closedForm.Shrinkage);
            writer.Write(closedForm.Divisor);
            writer.Write(closedForm.Share);
        }
    }

    private static ClosedForm? ReadClosedForm(BinaryReader reader) =>
        reader.ReadBoolean() ? new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()) : null;

    private static void Write(BinaryWriter writer, TriedHead head)
    {
        Write(writer, head.Form);
        writer.Write(head.Score.Losses.Length);
        writer.Write(MemoryMarshal.AsBytes(head.Score.Losses.AsSpan()));
        writer.Write(head.Score.Accuracy);
    }

    private static TriedHead ReadHead(BinaryReader reader)
    {
        ClosedForm? form = ReadClosedForm(reader);
        double[] losses = ReadArray(reader);
        return new(form, new(losses, reader.ReadDouble()));
    }

    private static double[] ReadArray(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(double))
        {
            throw new EndOfStreamException();
        }

        double[] values = new double[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
