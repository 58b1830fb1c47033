using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Roboflow's classification CSV: <c>_classes.csv</c> in each split's folder, with a column <c>filename</c> and a
/// column of 0 and 1 for each class. Layout: roboflow.com/formats/multiclass-classification-csv.
/// </summary>
internal static class RoboflowClasses
{
    private const string FileName = "_classes.csv";

    public static RecognisedImages? Read(DatasetFiles files)
    {
        ListedImages images = new(files);
        bool isKnown = false;
        foreach (ScannedFile list in files.All.Where(IsList))
        {
            CsvTable table = CsvTable.Of(files, list);
            if (table.Column("filename") is int fileColumn)
            {
                isKnown = true;
                ReadRows(files, list, table, fileColumn, images);
            }
        }

        return isKnown ? images.As($"{files.Container} with Roboflow's {FileName}") : null;
    }

    private static bool IsList(ScannedFile file) =>
        DatasetFiles.NameOf(file.Path).Equals(FileName, StringComparison.OrdinalIgnoreCase);

    private static void ReadRows(
        DatasetFiles files,
        ScannedFile list,
        CsvTable table,
        int fileColumn,
        ListedImages images
    )
    {
        foreach ((long line, string[] values) in table.Rows())
        {
            List<string> labels = [];
            for (int column = 0; column < values.Length; column++)
            {
                bool isOne = column != fileColumn && values[column] is "1" or "1.0";
                if (column != fileColumn && !isOne && values[column] is not ("0" or "0.0" or ""))
                {
                    throw files.Problem(
                        $"line {line} of {DatasetFiles.Quoted(list)} has '{Printable.Text(values[column])}' for "
                            + $"'{Printable.Text(table.Headers[column])}'; write 0 or 1"
                    );
                }

                if (isOne)
                {
                    labels.Add(table.Headers[column]);
                }
            }

            images.Add(list, $"line {line}", values[fileColumn], files.Find(list, values[fileColumn]), labels);
        }
    }
}
