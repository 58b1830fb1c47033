using System.Globalization;
using System.Xml.Linq;
using NetVips;

namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed class ReportChartTests : IDisposable
{
    private readonly ToyWorld _world = new();

    [Fact]
    public void The_charts_of_a_run_are_svg_files_with_titles_and_png_files_of_twice_the_size()
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options,
            cancel: TestContext.Current.CancellationToken
        );

        IReadOnlyList<ReportChart> charts = RunReport.Charts(
            RunFolder.Open(result.RunFolder),
            TestContext.Current.CancellationToken
        );

        string[] names = [.. charts.Select(chart => chart.Name)];
        Assert.Superset(
            new HashSet<string>(["classes", "confusion", "reliability", "confidences", "risk-coverage", "images"]),
            new HashSet<string>(names)
        );
        Assert.Contains("training-1-loss", names);
        Assert.Equal(names.Distinct(), names);
        Assert.All(charts, AssertDrawn);
    }

    public void Dispose() => _world.Dispose();

    private static void AssertDrawn(ReportChart chart)
    {
        XElement svg = XDocument.Parse(chart.ToSvg()).Root!;
        Assert.Equal(chart.Title, svg.Elements().Single(one => one.Name.LocalName == "title").Value);
        Assert.Equal("img", svg.Attribute("role")!.Value);
        using Image png = Image.PngloadBuffer(chart.ToPng());
        double width = double.Parse(svg.Attribute("width")!.Value, CultureInfo.InvariantCulture);
        Assert.Equal(2 * width, png.Width, 1.0);
        Assert.True(png.Stats()[0, 0][0] < 128, "something dark is drawn");
    }
}
