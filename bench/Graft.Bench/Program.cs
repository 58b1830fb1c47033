using Graft.Bench;

if (args is ["toy", string folder])
{
    ToyData.Write(folder);
    return 0;
}

// dotnet run -c Release --project bench/Graft.Bench -- recipes IMAGES RECIPES.txt [views] [share]
if (args is not ["recipes", string images, string recipes, ..])
{
    Console.Error.WriteLine("usage: recipes IMAGES RECIPES.txt [views] [share]; see bench/README.md");
    return 2;
}

int views = args.Length > 3 ? int.Parse(args[3]) : 6;
string share = args.Length > 4 ? args[4] : "0.4";
RecipeBench bench = RecipeBench.Prepare(images, views, share);
bench.Probes();
foreach (string line in File.ReadLines(recipes).Where(line => line.Length > 0 && line[0] != '#'))
{
    bench.Run(Recipe.Parse(line));
}

return 0;
