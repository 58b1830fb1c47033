namespace Graft.Training.Tests;

/// <summary>
/// Tests that touch PyTorch's global state (the count of tensors, gradient mode, threads) run one after the other.
/// </summary>
[CollectionDefinition("torch", DisableParallelization = true)]
public sealed class TorchCollectionDefinition { }
