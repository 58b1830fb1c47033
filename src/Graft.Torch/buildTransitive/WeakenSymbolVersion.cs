// Compiled by MSBuild inside the user's build (RoslynCodeTaskFactory, netstandard2.0): no packages, no new language
// features.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Sets VER_FLG_WEAK on one required symbol version of 64-bit little-endian ELF files, unless the system's library
/// provides that version.
/// </summary>
/// <remarks>Layout: System V ABI, "Symbol Versioning" (Linux Standard Base Core 5.0, 10.7.4 and 10.7.5).</remarks>
public class WeakenSymbolVersion : Task
{
    private const ushort Weak = 0x2;
    private const uint VersionNeeds = 0x6ffffffe; // SHT_GNU_verneed

    public ITaskItem[] Files { get; set; }

    public string SymbolVersion { get; set; }

    public string SystemLibrary { get; set; }

    public override bool Execute()
    {
        foreach (ITaskItem item in Files)
        {
            string path = item.ItemSpec;
            if (!File.Exists(path) || SystemProvides())
            {
                continue;
            }

            try
            {
                Weaken(path);
            }
            catch (Exception error)
                when (error is IOException || error is UnauthorizedAccessException || error is ArgumentException)
            {
                Log.LogError(
                    "'{0}' cannot be made to load on this system: {1}; "
                        + "set GraftWeakenGlibcxx=false to leave it as it is",
                    path,
                    error.Message
                );
            }
        }

        return !Log.HasLoggedErrors;
    }

    private bool SystemProvides()
    {
        byte[] wanted = Encoding.ASCII.GetBytes("\0" + SymbolVersion + "\0");
        foreach (string folder in Folders())
        {
            string library = Path.Combine(folder, SystemLibrary);
            if (File.Exists(library))
            {
                return IndexOf(File.ReadAllBytes(library), wanted) >= 0;
            }
        }

        return false; // weakening a requirement that is met changes nothing at run time
    }

    private static IEnumerable<string> Folders()
    {
        string configured = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "";
        foreach (string folder in configured.Split(new[] { ':' }, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }

        yield return "/usr/lib/x86_64-linux-gnu";
        yield return "/usr/lib/aarch64-linux-gnu";
        yield return "/lib64";
        yield return "/usr/lib64";
        yield return "/usr/lib";
    }

    private void Weaken(string path)
    {
        byte[] elf = File.ReadAllBytes(path);
        int flags = FindFlags(elf);
        if (flags < 0 || (BitConverter.ToUInt16(elf, flags) & Weak) != 0)
        {
            return; // the version is not asked for, or it was weakened by an earlier build
        }

        elf[flags] |= (byte)Weak;

        // Beside and renamed: the output may be a hard link to the package cache, which must stay as it was published.
        string beside = path + ".weakened";
        DateTime written = File.GetLastWriteTimeUtc(path);
        File.Copy(path, beside, true); // keeps the permissions
        File.WriteAllBytes(beside, elf);
        File.SetLastWriteTimeUtc(beside, written); // so that an incremental build does not copy it again
        File.Delete(path);
        File.Move(beside, path);
        Log.LogMessage(
            MessageImportance.Normal,
            "{0}: {1} made weak, this system's {2} is older",
            path,
            SymbolVersion,
            SystemLibrary
        );
    }

    /// <summary>The offset of vna_flags of the wanted version, or -1.</summary>
    private int FindFlags(byte[] elf)
    {
        if (
            elf.Length < 64
            || elf[0] != 0x7f
            || elf[1] != 'E'
            || elf[2] != 'L'
            || elf[3] != 'F'
            || elf[4] != 2
            || elf[5] != 1
        )
        {
            throw new IOException("not a 64-bit little-endian ELF file");
        }

        long sectionTable = BitConverter.ToInt64(elf, 40);
        int sectionSize = BitConverter.ToUInt16(elf, 58);
        int sectionCount = BitConverter.ToUInt16(elf, 60);
        for (int section = 0; section < sectionCount; section++)
        {
            int header = checked((int)(sectionTable + ((long)section * sectionSize)));
            if (BitConverter.ToUInt32(elf, header + 4) != VersionNeeds)
            {
                continue;
            }

            int names = checked((int)(sectionTable + ((long)BitConverter.ToUInt32(elf, header + 40) * sectionSize)));
            int strings = checked((int)BitConverter.ToInt64(elf, names + 24));
            return FindFlags(elf, checked((int)BitConverter.ToInt64(elf, header + 24)), strings);
        }

        return -1;
    }

    private int FindFlags(byte[] elf, int need, int strings)
    {
        while (true)
        {
            int entry = need + BitConverter.ToInt32(elf, need + 8); // vn_aux
            for (int left = BitConverter.ToUInt16(elf, need + 2); left > 0; left--)
            {
                if (NameAt(elf, strings + BitConverter.ToInt32(elf, entry + 8)) == SymbolVersion)
                {
                    return entry + 4; // vna_flags
                }

                entry += BitConverter.ToInt32(elf, entry + 12); // vna_next
            }

            int next = BitConverter.ToInt32(elf, need + 12); // vn_next
            if (next == 0)
            {
                return -1;
            }

            need += next;
        }
    }

    private static string NameAt(byte[] elf, int offset)
    {
        int end = Array.IndexOf(elf, (byte)0, offset);
        return Encoding.ASCII.GetString(elf, offset, end - offset);
    }

    private static int IndexOf(byte[] bytes, byte[] wanted)
    {
        for (
            int start = Array.IndexOf(bytes, wanted[0]);
            start >= 0 && start + wanted.Length <= bytes.Length;
            start = Array.IndexOf(bytes, wanted[0], start + 1)
        )
        {
            int same = 1;
            while (same < wanted.Length && bytes[start + same] == wanted[same])
            {
                same++;
            }

            if (same == wanted.Length)
            {
                return start;
            }
        }

        return -1;
    }
}
