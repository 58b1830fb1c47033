namespace Graft.ML.Tests;

/// <summary>Trainings run one after the other: PyTorch's number of threads belongs to the whole process.</summary>
[CollectionDefinition("torch", DisableParallelization = true)]
public sealed class TorchCollectionDefinition { }
