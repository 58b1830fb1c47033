namespace Graft.Training;

/// <summary>What a shard has done.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Units">Number of its units, which are all there now.</param>
/// <param name="Made">Number of units that this call made; the others were there.</param>
/// <param name="AllUnits">Number of units of all shards.</param>
public sealed record ShardResult(Shard Shard, int Units, int Made, int AllUnits);
