using Graft.Training.Run;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Run;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Root, "a.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_checkpoint_is_read_back_to_the_bit_including_infinities()
    {
        State state = new(double.PositiveInfinity, 0.1 + 0.2, [1, 2]);
        double[] values = [Math.PI, -0.0, double.Epsilon];

        Checkpoint.Of("key", state, [TensorWeights.Of("values", values)]).Write(File);
        Checkpoint read = Checkpoint.Read(File, "key");

        State back = read.StateAs<State>();
        Assert.Equal((state.Loss, state.Rate), (back.Loss, back.Rate));
        Assert.Equal(state.Steps, back.Steps);
        Assert.Equal(
            values.Select(BitConverter.DoubleToInt64Bits),
            read.Tensor("values", WeightType.Float64).Doubles().Select(BitConverter.DoubleToInt64Bits)
        );
    }

    // Every byte of the file is a name, a number, a value or a blank of the header's padding.
    [Fact]
    public void A_file_with_any_bit_changed_or_cut_anywhere_is_refused()
    {
        Checkpoint.Of("key", new State(1, 2, [3]), [TensorWeights.Of("values", new double[] { 1, 2 })]).Write(File);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        int accepted = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = (byte[])whole.Clone();
            changed[i] ^= 4;
            accepted += IsAccepted(changed) ? 1 : 0;
            accepted += IsAccepted(whole[..i]) ? 1 : 0;
        }

        Assert.Equal(0, accepted);
        Assert.True(IsAccepted(whole));
    }

    [Fact]
    public void Another_runs_checkpoint_is_refused()
    {
        Checkpoint.Of("key", new State(1, 2, [3]), []).Write(File);

        CheckpointException error = Assert.Throws<CheckpointException>(() => Checkpoint.Read(File, "other"));

        Assert.Contains("another run", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"loss\":\"x\",\"rate\":1,\"steps\":[]}")]
    [InlineData("{\"loss\":1,\"rate\":1,\"steps\":null}")]
    public void A_state_of_another_form_is_refused(string state) =>
        Assert.Throws<CheckpointException>(() =>
            new Checkpoint("key", state, new Dictionary<string, WeightTensor>()).StateAs<State>()
        );

    private bool IsAccepted(byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File, bytes);
        try
        {
            Checkpoint.Read(File, "key");
            return true;
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    private sealed record State(double Loss, double Rate, int[] Steps);
}
