namespace Graft.Cli.Verbs;

/// <summary>graft probe FOLDER: `train` without head training and fine-tuning.</summary>
internal static class ProbeVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "probe",
            "Fits logistic regression on the features of a frozen network: the fastest classifier, and a first "
                + "measure of the data.",
            "graft probe photos",
            "graft probe photos --body vgg16 --weights vgg16.safetensors --views 0"
        );
        return TrainVerb.Complete(verb, new TrainingFlags(isTuning: false));
    }
}
