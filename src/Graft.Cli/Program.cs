using Graft.Cli;

using Interruption interruption = new(Console.Error);
using Terminal terminal = Terminal.OfProcess();
return CommandLine.Run(args, terminal, interruption.Token);
