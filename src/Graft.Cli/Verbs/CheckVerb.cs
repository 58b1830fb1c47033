using System.CommandLine;
using Graft.Cli.Views;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft check: does this machine compute what it should?</summary>
internal static class CheckVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "check",
            "Runs the embedded network on an embedded picture with each engine and compares with stored answers. "
                + "Names a "
                + "processor or native library that computes wrongly, and ends with exit code 1.",
            "graft check",
            "graft check --json"
        );
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) =>
        {
            MachineReport machine = MachineCheck.Run();
            IReadOnlyList<EngineCheck> checks = machine.Engines;
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal.Output, writer =>
                {
                    writer.WriteStartArray();
                    foreach (EngineCheck check in checks)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("engine", check.Engine);
                        writer.WriteNumber("difference", check.Difference);
                        writer.WriteNumber("seconds", Math.Round(check.Seconds, 3));
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
                return ExitCode.Done;
            }

            ResultTable table = new(["engine", "difference", "limit", "seconds"], [1, 2, 3]);
            foreach (EngineCheck check in checks)
            {
                table.Add(check.Engine, $"{check.Difference:0.00000}", $"{check.Tolerance}", $"{check.Seconds:0.00}");
            }

            table.WriteTo(terminal.OutputConsole);
            terminal.Output.WriteLine("All engines compute as they should.");
            terminal.Output.WriteLine(Arithmetic(machine));
            return ExitCode.Done;
        };
        return verb;
    }

    private static string Arithmetic(MachineReport machine) =>
        machine.Arithmetic is not ArithmeticSpeed speed
            ? "bfloat16 is not fast on this machine: layers compute in float32."
            : $"Layers compute in {(machine.UsesBFloat16 ? "bfloat16" : "float32")} by default. A convolution takes "
                + $"{speed.ConvolutionSingle:0.00} ms in float32 and {speed.ConvolutionHalf:0.00} ms in bfloat16, a "
                + $"depthwise one {speed.DepthwiseSingle:0.00} and {speed.DepthwiseHalf:0.00} ms.";
}
