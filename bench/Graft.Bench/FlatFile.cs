using System.Text.Json;

namespace Graft.Bench;

/// <summary>Reads a JSON, JSON-lines, CSV or ONNX file of a run as a list of values with paths.</summary>
internal static class FlatFile
{
    public static FlatValues Read(string path) =>
        Path.GetExtension(path) switch
        {
            ".onnx" => OfModel(path),
            ".csv" => OfCsv(path),
            ".jsonl" => OfLines(path),
            _ => OfJson(path),
        };

    private static FlatValues OfModel(string path)
    {
        FlatValues values = new();
        FlatModel.Add(values, path);
        return values;
    }

    private static FlatValues OfJson(string path)
    {
        FlatValues values = new();
        values.AddJson("", File.ReadAllText(path));
        return values;
    }

    private static FlatValues OfLines(string path)
    {
        FlatValues values = new();
        string[] lines = File.ReadAllLines(path);
        for (int n = 0; n < lines.Length; n++)
        {
            values.AddJson($"[{n}]", lines[n]);
        }

        return values;
    }

    // A row becomes an object with the names of the first line. A comma in quotes shifts the cells of both runs alike.
    private static FlatValues OfCsv(string path)
    {
        FlatValues values = new();
        string[] lines = File.ReadAllLines(path);
        string[] names = lines[0].Split(',');
        for (int n = 1; n < lines.Length; n++)
        {
            string[] cells = lines[n].Split(',');
            for (int c = 0; c < cells.Length; c++)
            {
                string name = c < names.Length ? names[c] : $"column {c}";
                values.Add($"[{n - 1}].{name}", JsonSerializer.Serialize(cells[c]));
            }
        }

        return values;
    }
}
