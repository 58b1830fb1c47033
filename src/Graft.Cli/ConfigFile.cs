using System.CommandLine;
using Graft.Infrastructure;
using Graft.Training;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Graft.Cli;

/// <summary>
/// `--config FILE`: options as a YAML mapping with the names of the command's long options (`epochs: 30`), and `images`
/// for the folder; or a run's options.json, which does that run again.
/// What the command line gives wins. Hostile text: read as events, one mapping deep, so that neither depth nor aliases
/// cost anything.
/// </summary>
internal sealed class ConfigFile
{
    public const string OptionName = "--config";
    public const string ImagesKey = "images";

    private const long Longest = 1 << 20;

    private readonly string _path;
    private readonly List<string> _problems = [];

    private ConfigFile(string path) => _path = path;

    public static Option<string?> Option() =>
        Flag.Text(
            OptionName,
            "FILE",
            "Options from a YAML file with the same names (epochs: 30; images: FOLDER), or a run's options.json to "
                + "repeat that run; the command line has precedence"
        );

    /// <summary>The run whose options.json this is; null where it is another file, or none is named.</summary>
    /// <exception cref="GraftException">It cannot be read.</exception>
    public static RunRecord? Replayed(string? path) =>
        path is not null && IsRun(Text(path)) ? RunRecord.Read(path) : null;

    /// <summary>
    /// The command line with what the file says added to it, and all that is wrong in the file, a text each; nothing is
    /// added where the file is a run's options.json.
    /// </summary>
    /// <param name="args">Begins with the verb's name.</param>
    /// <param name="parsed">Of <paramref name="args"/>.</param>
    /// <exception cref="GraftException">The file cannot be read.</exception>
    public static (IReadOnlyList<string> Args, IReadOnlyList<string> Problems) Expand(
        string path,
        IReadOnlyList<string> args,
        ParseResult parsed
    )
    {
        string text = Text(path);
        if (IsRun(text))
        {
            return (args, []);
        }

        ConfigFile file = new(path);
        List<string> tokens = [];
        foreach ((string key, int line, List<string> values) in file.Read(text))
        {
            tokens.AddRange(file.Tokens(key, line, values, parsed));
        }

        return ([args[0], .. tokens, .. args.Skip(1)], file._problems);
    }

    private IEnumerable<string> Tokens(string key, int line, List<string> values, ParseResult parsed)
    {
        Verb verb = (Verb)parsed.CommandResult.Command;
        if (key == ImagesKey)
        {
            bool isGiven = verb.Arguments.Any(argument => parsed.GetResult(argument)?.Tokens.Count > 0);
            return isGiven || values.Count == 0 ? [] : [values[0]];
        }

        string flag = "--" + key;
        Option? option = verb.Options.FirstOrDefault(option =>
            (option.Name == flag || option.Aliases.Contains(flag)) && option.Name != OptionName
        );
        if (option is null)
        {
            string[] known =
            [
                .. verb.Options.Select(one => one.Name[2..]).Where(name => "--" + name != OptionName),
                ImagesKey,
            ];
            string meant = NearestName.Find(key.TrimStart('-'), known) is string near
                ? $"did you mean '{near}'?"
                : $"the keys are the long options of `graft {verb.FullName}` without their dashes, and {ImagesKey}";
            _problems.Add(
                $"line {line} of '{Printable.Text(_path)}': '{Printable.Text(key)}' is no option of `graft "
                    + $"{verb.FullName}`: {meant}"
            );
            return [];
        }

        if (parsed.GetResult(option) is { Implicit: false } || values.Count == 0)
        {
            return [];
        }

        if (option.Arity.MaximumNumberOfValues == 0)
        {
            return Switch(option, line, values);
        }

        return option.Arity.MaximumNumberOfValues > 1
            ? values.SelectMany(value => new[] { option.Name, value })
            : [option.Name, string.Join(',', values)];
    }

    private string[] Switch(Option option, int line, List<string> values)
    {
        bool isOn = values is ["true" or "True" or "TRUE"];
        if (!isOn && values is not ["false" or "False" or "FALSE"])
        {
            _problems.Add(
                $"line {line} of '{Printable.Text(_path)}': '{option.Name[2..]}' cannot be "
                    + $"'{Printable.Text(string.Join(',', values))}': it is true or false"
            );
        }

        return isOn ? [option.Name] : [];
    }

    // Keys in the file's order, each with its line and its value, or the values of its list.
    private List<(string Key, int Line, List<string> Values)> Read(string text)
    {
        List<(string Key, int Line, List<string> Values)> entries = [];
        try
        {
            Parser parser = new(new StringReader(text));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return entries; // empty, or comments alone
            }

            if (parser.Accept<Scalar>(out Scalar? nothing) && nothing.Value.Length == 0)
            {
                return entries;
            }

            ReadMapping(parser, entries);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
            {
                throw Problem("it has more than one document; keep one");
            }
        }
        catch (YamlException error)
        {
            throw Problem(
                $"line {error.Start.Line} is no YAML that Graft reads: a mapping of option: value, or option: "
                    + "[values], such as epochs: 30; correct it",
                error
            );
        }

        return entries;
    }

    private void ReadMapping(Parser parser, List<(string Key, int Line, List<string> Values)> entries)
    {
        parser.Consume<MappingStart>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = parser.Consume<Scalar>();
            List<string> values = [];
            if (parser.TryConsume<SequenceStart>(out _))
            {
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    values.Add(parser.Consume<Scalar>().Value);
                }
            }
            else if (parser.Consume<Scalar>() is Scalar value && !IsNull(value))
            {
                values.Add(value.Value);
            }

            if (entries.Any(entry => entry.Key == key.Value))
            {
                _problems.Add(
                    $"line {key.Start.Line} of '{Printable.Text(_path)}': '{Printable.Text(key.Value)}' is there "
                        + "twice; keep one"
                );
            }
            else
            {
                entries.Add((key.Value, (int)key.Start.Line, values));
            }
        }
    }

    private static bool IsNull(Scalar value) => value.Style == ScalarStyle.Plain && value.Value is "" or "~" or "null";

    // What Graft writes; a YAML mapping may begin with a brace too.
    private static bool IsRun(string text) =>
        text.AsSpan().TrimStart().StartsWith("{") && text.Contains("\"options\"", StringComparison.Ordinal);

    private static string Text(string path)
    {
        ConfigFile file = new(path);
        try
        {
            return !File.Exists(path) ? throw file.Problem("there is no such file; correct its name")
                : new FileInfo(path).Length > Longest
                    ? throw file.Problem($"it is longer than {Longest:N0} bytes; name a file of options")
                : TextFile.Read(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw file.Problem("it may not be read; check its permissions", error);
        }
    }

    private GraftException Problem(string reason, Exception? inner = null) =>
        new($"'{Printable.Text(_path)}' cannot be used: {reason}", inner);
}
