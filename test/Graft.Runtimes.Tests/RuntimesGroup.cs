namespace Graft.Runtimes.Tests;

/// <summary>The tests that share the trained model. They run one after the other: some catch the console.</summary>
[CollectionDefinition(Name)]
public sealed class RuntimesGroup : ICollectionFixture<TrainedModel>
{
    public const string Name = "runtimes";
}
