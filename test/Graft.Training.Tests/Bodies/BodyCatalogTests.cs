using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public class BodyCatalogTests
{
    public static TheoryData<string> Names => [.. BodyCatalog.Entries.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_network_has_the_published_number_of_parameters(string name)
    {
        BodyEntry entry = BodyCatalog.Find(name);

        BuiltNetwork built = entry.Architecture.Build(entry.InputSize);

        Assert.Equal(entry.ParameterCount, built.ParameterCount);
    }
}
