namespace Graft.Training.Tests.Shards;

public sealed class SchedulerVariablesTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4", "2/4")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", "0/2")]
    [InlineData("SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_COUNT=4 SLURM_PROCID=0", "3/4")]
    [InlineData("SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=4", "3/4")]
    [InlineData(
        "SLURM_ARRAY_TASK_ID=30 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=10 SLURM_ARRAY_TASK_COUNT=4",
        "2/4"
    )]
    [InlineData("SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=3", "1/3")]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=5 AWS_BATCH_JOB_ARRAY_SIZE=8", "5/8")]
    [InlineData("BATCH_TASK_INDEX=0 BATCH_TASK_COUNT=3", "0/3")]
    // a rank of MPI in a task that is not divided otherwise
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1", "1/2")]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1", "0/1")]
    public void Each_scheduler_tells_the_shard(string variables, string shard) =>
        Assert.Equal(shard, Find(variables).ToString());

    [Theory]
    [InlineData("JOB_COMPLETION_INDEX=3", 8, "3/8")]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=3", 4, "3/4")]
    [InlineData("SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=2 SLURM_ARRAY_TASK_COUNT=1", 4, "2/4")] // one task again
    public void A_given_number_of_shards_has_precedence(string variables, int count, string shard) =>
        Assert.Equal(shard, Find(variables, count).ToString());

    [Theory]
    [InlineData(
        "",
        "none of OMPI_COMM_WORLD_RANK, PMI_RANK, SLURM_ARRAY_TASK_ID, SLURM_PROCID, JOB_COMPLETION_INDEX, "
    )]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=4", "none of")] // a batch script is no step
    [InlineData("JOB_COMPLETION_INDEX=3", "a Kubernetes Indexed Job sets JOB_COMPLETION_INDEX but not the number")]
    [InlineData("JOB_COMPLETION_INDEX=x", "JOB_COMPLETION_INDEX is 'x', which is no number")]
    [InlineData("BATCH_TASK_INDEX=3 BATCH_TASK_COUNT=3", "BATCH_TASK_INDEX is 3, and the shards of 3 are numbered")]
    [InlineData(
        "PMI_RANK=0 PMI_SIZE=2 BATCH_TASK_INDEX=0 BATCH_TASK_COUNT=3",
        "both PMI (MPICH) (PMI_RANK) and Google Batch (BATCH_TASK_INDEX) tell one"
    )]
    public void An_environment_without_one_shard_is_refused(string variables, string reason)
    {
        GraftException error = Assert.Throws<GraftException>(() => Find(variables));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0/4", true)]
    [InlineData("3/4", true)]
    [InlineData("4/4", false)]
    [InlineData("-1/4", false)]
    [InlineData("1", false)]
    [InlineData("1/2/3", false)]
    [InlineData("0/0", false)]
    public void A_shard_is_read_from_text(string text, bool isOne) =>
        Assert.Equal(isOne ? text : null, Shard.Parse(text)?.ToString());

    private static Shard Find(string variables, int? count = null)
    {
        Dictionary<string, string> set = variables
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(one => one.Split('=')[0], one => one.Split('=')[1]);
        return SchedulerVariables.Find(set.GetValueOrDefault, count);
    }
}
