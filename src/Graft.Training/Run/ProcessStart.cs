using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Graft.Training.Run;

/// <summary>Distinguishes a process from a later one with the same number.</summary>
internal static class ProcessStart
{
    private const int StartField = 19; // proc(5): field 22 of stat, counted from the one behind the name in brackets

    /// <summary>The start of a process, as a text that is only compared; null where there is no such process.</summary>
    /// <remarks>On Linux it counts ticks since the boot and names the boot, so changes of the clock do not
    /// matter.</remarks>
    public static string? Of(int process)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                bool isDead = fields[0] is "Z" or "X"; // a killed process whose parent has not asked for it yet
                return isDead
                    ? null
                    : $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {fields[StartField]}";
            }

            using Process found = Process.GetProcessById(process);
            return found.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception error)
            when (error
                    is IOException
                        or ArgumentException
                        or InvalidOperationException
                        or Win32Exception
                        or UnauthorizedAccessException
                        or IndexOutOfRangeException
            )
        {
            return null;
        }
    }
}
