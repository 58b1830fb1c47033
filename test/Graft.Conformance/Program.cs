using Graft.Conformance;
using Graft.Infrastructure;

const int Failure = 1;
const int BadUsage = 2;
const string Usage =
    "usage: dotnet run -c Release --project test/Graft.Conformance -- FOLDER "
    + "[--engine onnxruntime|torch] (default: torch)";

string? folder = null;
Engine engine = Engine.Torch; // Graft trains with TorchSharp; ONNX Runtime is the reference
for (int i = 0; i < args.Length; i++)
{
    if (
        args[i] == "--engine"
        && i + 1 < args.Length
        && Enum.TryParse(args[i + 1], ignoreCase: true, out engine)
        && !char.IsAsciiDigit(args[i + 1][0])
    )
    {
        i++;
    }
    else if (args[i] is "--help" or "-h")
    {
        Console.WriteLine(Usage);
        return 0;
    }
    else if (folder is null && !args[i].StartsWith('-'))
    {
        folder = args[i];
    }
    else
    {
        return Complain($"'{Printable.Text(args[i])}' is not an option of this program");
    }
}

if (folder is null)
{
    return Complain("FOLDER is missing");
}

if (!Path.Exists(folder))
{
    return Complain($"'{Printable.Text(folder)}' does not exist");
}

Dictionary<Outcome, int> counts = Enum.GetValues<Outcome>().ToDictionary(outcome => outcome, _ => 0);
foreach (ConformanceCase one in CaseFinder.Find(folder))
{
    Verdict verdict = CaseRunner.Run(one, engine);
    counts[verdict.Outcome]++;
    string reason = verdict.Reason.Length > 0 ? $": {Printable.Text(verdict.Reason, limit: 1000)}" : "";
    Console.WriteLine($"{Printable.Text(one.Name)} {Lower(engine)} {Lower(verdict.Outcome)}{reason}");
}

Console.WriteLine(
    $"{counts[Outcome.Passed]} passed, {counts[Outcome.Failed]} failed, {counts[Outcome.Refused]} refused"
);
if (counts.Values.Sum() == 0)
{
    return Complain($"'{Printable.Text(folder)}' contains no case in a known format");
}

return counts[Outcome.Failed] > 0 ? Failure : 0;

static string Lower<T>(T value)
    where T : struct, Enum => value.ToString().ToLowerInvariant();

static int Complain(string what)
{
    Console.Error.WriteLine(what);
    Console.Error.WriteLine(Usage);
    return BadUsage;
}
