// Train from pictures that lie in a database. Graft opens a picture again whenever it needs the pixels.
// Usage: TrainFromDatabase IMAGES RUN_FOLDER   (IMAGES, one folder a class, fills the database first)
using Graft.Training;
using Microsoft.Data.Sqlite;

Directory.CreateDirectory(args[1]);
string connection = $"Data Source={Path.Combine(args[1], "pictures.db")}";
Fill(connection, args[0]);

List<LabelledImage> pictures = [];
using (SqliteConnection database = Open(connection))
{
    using SqliteCommand command = database.CreateCommand();
    command.CommandText = "SELECT id, label FROM pictures ORDER BY id";
    using SqliteDataReader rows = command.ExecuteReader();
    while (rows.Read())
    {
        long id = rows.GetInt64(0);
        pictures.Add(
            new(rows.GetString(1), name: $"picture {id}", open: _ => ValueTask.FromResult(Blob(connection, id)))
        );
    }
}

ImageSet images = await ImageSet.CreateAsync(pictures);
TrainingResult result = await Trainer.ProbeAsync(images, Path.Combine(args[1], "run"));
Console.WriteLine($"{images.Images.Length} pictures, {result.Evaluation.Accuracy:P1}");

// Called from several threads at once, so each call has its own connection.
static Stream Blob(string connection, long id)
{
    using SqliteConnection database = Open(connection);
    using SqliteCommand command = database.CreateCommand();
    command.CommandText = "SELECT bytes FROM pictures WHERE id = $id";
    command.Parameters.AddWithValue("$id", id);
    return new MemoryStream((byte[])command.ExecuteScalar()!);
}

static SqliteConnection Open(string connection)
{
    SqliteConnection database = new(connection);
    database.Open();
    return database;
}

static void Fill(string connection, string folder)
{
    using SqliteConnection database = Open(connection);
    using SqliteTransaction transaction = database.BeginTransaction();
    using SqliteCommand table = database.CreateCommand();
    table.CommandText = "CREATE TABLE pictures (id INTEGER PRIMARY KEY, label TEXT, bytes BLOB)";
    table.ExecuteNonQuery();
    foreach (string file in Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories).Order())
    {
        using SqliteCommand insert = database.CreateCommand();
        insert.CommandText = "INSERT INTO pictures (label, bytes) VALUES ($label, $bytes)";
        insert.Parameters.AddWithValue("$label", Path.GetFileName(Path.GetDirectoryName(file)));
        insert.Parameters.AddWithValue("$bytes", File.ReadAllBytes(file));
        insert.ExecuteNonQuery();
    }

    transaction.Commit();
}
