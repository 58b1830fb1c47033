using System.Collections.Concurrent;
using System.Text;
using Fluid;
using Fluid.Values;

namespace Graft.Training.Release;

/// <summary>
/// Renders the embedded Liquid templates by Fluid. It encodes every value that is no <see cref="Markup"/>. Razor's
/// templates would make a library for console programs depend on ASP.NET Core.
/// </summary>
internal static class PageTemplate
{
    private static readonly FluidParser s_parser = new();
    private static readonly TemplateOptions s_options = CreateOptions();
    private static readonly ConcurrentDictionary<string, IFluidTemplate> s_templates = new();

    /// <summary>Renders a template.</summary>
    /// <param name="name">Name of a file in Templates, without ".liquid".</param>
    /// <param name="model">Its values.</param>
    public static Markup Render(string name, object model)
    {
        IFluidTemplate template = s_templates.GetOrAdd(name, one => s_parser.Parse(Read($"{one}.liquid")));
        return new(template.Render(new(model, s_options), Markup.Encoder).TrimEnd('\n') + "\n");
    }

    /// <summary>The text of an embedded file.</summary>
    public static string Read(string file)
    {
        using Stream stream = typeof(PageTemplate).Assembly.GetManifestResourceStream($"page.{file}")!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static TemplateOptions CreateOptions()
    {
        TemplateOptions options = new() { MemberAccessStrategy = new UnsafeMemberAccessStrategy() };
        options.ValueConverters.Add(value =>
            value switch
            {
                Markup markup => new StringValue(markup.Html, encode: false),
                string text => new StringValue(Infrastructure.Printable.Text(text)),
                _ => null,
            }
        );
        return options;
    }
}
