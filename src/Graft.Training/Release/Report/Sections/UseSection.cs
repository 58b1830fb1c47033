using Graft.Prediction;

namespace Graft.Training.Release;

/// <summary>How the model is used: snippets with the values of this model.</summary>
internal static class UseSection
{
    public static PageSection Of(ReportSource source, ModelCard card) =>
        new(
            "use",
            "Use the model",
            "model.onnx lies beside this file. The snippets read picture.jpg in the working folder.",
            [
                Block.Code("C# (package Graft)", CSharp(source.AreSets)),
                Block.Code("HTTP (a program with the package Graft.AspNetCore)", Http),
                Block.Code("Python (onnxruntime, pillow, numpy)", SnippetText.Python(card)),
                Block.Code("Node (onnxruntime-node, sharp)", SnippetText.Node(card)),
            ]
        );

    private const string Http = """
        curl --data-binary @picture.jpg -H "Content-Type: image/jpeg" http://127.0.0.1:8080/predict
        """;

    private static string CSharp(bool areSets) =>
        areSets
            ? """
                using Graft.Prediction;

                using Predictor predictor = Predictor.Load("model.onnx");
                ImagePrediction prediction = predictor.Predict("picture.jpg");
                Console.WriteLine(string.Join(", ", prediction.Labels));
                """
            : """
                using Graft.Prediction;

                using Predictor predictor = Predictor.Load("model.onnx");
                ImagePrediction prediction = predictor.Predict("picture.jpg");
                Console.WriteLine($"{prediction.Label}: {prediction.Probability:P1}");
                """;
}
