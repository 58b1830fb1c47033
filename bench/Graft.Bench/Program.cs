using Graft.Bench;
using Graft.Bench.Assemblies;
using Graft.Training;
using Graft.Training.Run;

using IDisposable memory = ProcessMemory.Apply(MemoryPolicy.ManageProcess); // as in the command

// dotnet run -c Release --project bench/Graft.Bench -- COMMAND ...; see bench/README.md
switch (args)
{
    case ["toy", string folder]:
        ToyData.Write(folder);
        return 0;
    case ["predict", string model, string images, .. string[] more]:
        PredictBench.Run(model, images, more.Length > 0 ? more[0] : null);
        return 0;
    case ["predict-plain", string model, string image]:
        PredictBench.Plain(model, image);
        return 0;
    case ["predict-torchsharp", string weights, string image]:
        PredictBench.OfTorchSharp(weights, image);
        return 0;
    case ["joined", string joined, .. string[] bodies]:
        JoinedBench.Run(joined, bodies);
        return 0;
    case ["serve", string model, string images, .. string[] settings]:
        await ServeBench.RunAsync(model, images, new Settings(string.Join(' ', settings)));
        return 0;
    case ["first-probe", string images]:
        FirstProbeBench.Run(images);
        return 0;
    case ["efforts", string images, .. string[] settings]:
        EffortBench.Run(images, new Settings(string.Join(' ', settings)));
        return 0;
    case ["doctor", string photographs]:
        DoctorBench.Run(photographs);
        return 0;
    case ["decode", string images, .. string[] settings]:
        DecodeBench.Run(images, new Settings(string.Join(' ', settings)));
        return 0;
    case ["prefix", string body, .. string[] settings]:
        PrefixBench.Run(body, new Settings(string.Join(' ', settings)));
        return 0;
    case ["fine-tune", string images, .. string[] settings]:
        FineTuneBench.Run(images, new Settings(string.Join(' ', settings)));
        return 0;
    case ["step", string body, string edge, string trained, .. string[] settings]:
        StepBench.Run(body, edge, trained.Split(','), new Settings(string.Join(' ', settings)));
        return 0;
    case ["tail", string body, .. string[] settings]:
        TailBench.Run(body, new Settings(string.Join(' ', settings)));
        return 0;
    case ["recipes", string images, string recipes, .. string[] settings]:
        RecipeBench.Compare(images, recipes, new Settings(string.Join(' ', settings)));
        return 0;
    case ["balance", string skewed, .. string[] settings]:
        BalanceBench.Run(skewed, new Settings(string.Join(' ', settings)));
        return 0;
    case ["thresholds", .. string[] runs]:
        ThresholdsBench.Run(runs);
        return 0;
    case ["study", string images, string recipes, .. string[] settings]:
        StudyBench.Run(images, recipes, new Settings(string.Join(' ', settings)));
        return 0;
    case ["features", string images, .. string[] settings]:
        FeaturesBench.Run(images, new Settings(string.Join(' ', settings)));
        return 0;
    case ["bodies", string images, .. string[] words]:
        BodiesBench.Run(
            images,
            [.. words.Where(word => !word.Contains('='))],
            new Settings(string.Join(' ', words.Where(word => word.Contains('='))))
        );
        return 0;
    case ["probe", string images, .. string[] settings]:
        ProbeBench.Run(images, new Settings(string.Join(' ', settings)));
        return 0;
    case ["stall", string images, .. string[] settings]:
        StallBench.Run(images, new Settings(string.Join(' ', settings)));
        return 0;
    case ["subsets", .. string[] words]:
        SubsetsBench.Run(
            [.. words.Where(word => !word.Contains('='))],
            new Settings(string.Join(' ', words.Where(word => word.Contains('='))))
        );
        return 0;
    case ["memory", string counts, .. string[] arguments]:
        MemoryBench.Run([.. counts.Split(',').Select(int.Parse)], arguments.Length == 0 ? ["train"] : arguments);
        return 0;
    case ["assemblies", string folder]:
        AssemblyPictures.Write(folder);
        return 0;
    case ["grey", string images, string folder]:
        GreyPatches.Write(images, folder);
        return 0;
    case ["same", string before, string after, string renames]:
        return SameRuns.Compare(before, after, renames);
    case ["familiar", string settings, .. string[] sets]:
        FamiliarBench.Run(sets, new Settings(settings));
        return 0;
    case ["heat", string run]:
        HeatBench.Run(run);
        return 0;
    default:
        Console.Error.WriteLine(
            """
            Usage: Graft.Bench COMMAND ..., see bench/README.md
              Speed:     decode IMAGES | prefix BODY | step BODY EDGE TRAINED[,TRAINED] | tail BODY
                         first-probe IMAGES | fine-tune IMAGES | efforts IMAGES | probe IMAGES
                         predict MODEL FOLDER [GRAFT] | joined JOINED.onnx BODY.onnx BODY.onnx
                         memory N[,N] [VERB OPTIONS]
              Accuracy:  subsets SETS | study IMAGES RECIPES.txt images=N | recipes IMAGES RECIPES.txt|-
                         features IMAGES images=N | bodies IMAGES BODY[@SIZE] ... images=N
                         balance IMAGES | stall IMAGES | doctor IMAGES.csv
                         familiar half=1|model=FILE KNOWN UNFAMILIAR... | grey IMAGES FOLDER
                         heat RUN
              Scripts:   toy FOLDER | assemblies FOLDER | same RUN RUN RENAMES.txt
            """
        );
        return 2;
}
