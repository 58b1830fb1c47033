using Graft.Training.Metrics;
using Graft.Training.Release;

namespace Graft.Training;

/// <summary>The report of a complete run: the page for people, and its charts.</summary>
public static class RunReport
{
    /// <summary>
    /// The page report.html, made anew from the files of the run and its images. The same run gives the same page.
    /// </summary>
    /// <param name="run">A complete run. Where its images are gone, the page has no pictures.</param>
    /// <param name="cancel">Stops the reading of the images.</param>
    /// <exception cref="GraftException">The run is not complete, or a file of it cannot be read.</exception>
    public static string ToHtml(RunFolder run, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        return RunPage.Write(ReportSource.Read(run.Path, cancel));
    }

    /// <summary>The charts of the report.</summary>
    /// <param name="run">A complete run.</param>
    /// <param name="cancel">Stops the reading of the images.</param>
    /// <exception cref="GraftException">The run is not complete, or a file of it cannot be read.</exception>
    public static IReadOnlyList<ReportChart> Charts(RunFolder run, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        return
        [
            .. ReportCharts
                .Of(ReportSource.Read(run.Path, cancel))
                .Select(one => new ReportChart(one.Name, one.Chart.Title, one.Chart)),
        ];
    }
}

/// <summary>A chart of a report.</summary>
public sealed class ReportChart
{
    private readonly Chart _chart;

    internal ReportChart(string name, string title, Chart chart) => (Name, Title, _chart) = (name, title, chart);

    /// <summary>A word for the chart's files, such as "reliability": different for each chart of a run.</summary>
    public string Name { get; }

    /// <summary>What the chart shows.</summary>
    public string Title { get; }

    /// <summary>The chart as an SVG file on white.</summary>
    public string ToSvg() => _chart.ToFile();

    /// <summary>The chart as a PNG file on white, with two pixels for one of the SVG.</summary>
    public byte[] ToPng() => _chart.ToPng();
}
