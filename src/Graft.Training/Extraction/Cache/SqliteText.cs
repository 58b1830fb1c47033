using Microsoft.Data.Sqlite;

namespace Graft.Training.Extraction;

/// <summary>Makes and runs SQL statements.</summary>
internal static class SqliteText
{
    /// <summary>A statement whose parameters are set when it runs. The caller disposes it.</summary>
    public static SqliteCommand Command(this SqliteConnection connection, string text, params string[] parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        foreach (string name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    /// <summary>Runs a statement with values in the order of its parameters.</summary>
    /// <returns>Number of rows that it changed.</returns>
    public static int Run(this SqliteCommand command, params object[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>Runs statements without parameters.</summary>
    public static void Execute(this SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.Command(text);
        command.ExecuteNonQuery();
    }
}
