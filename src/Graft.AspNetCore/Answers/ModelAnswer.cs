using Graft.Prediction;

namespace Graft.AspNetCore;

/// <summary>What a server says of one of its models.</summary>
/// <param name="Name">Name in addresses.</param>
/// <param name="Version">Version of the file that answers now.</param>
/// <param name="Labels">The classes in the order of the model's card.</param>
/// <param name="HasSeveralLabels">Whether an image may have several labels, or none.</param>
/// <param name="Body">Name of the pretrained network; several are joined by '+'.</param>
internal sealed record ModelAnswer(
    string Name,
    string Version,
    IReadOnlyList<string> Labels,
    bool HasSeveralLabels,
    string Body
)
{
    /// <summary>What to say of a model.</summary>
    public static ModelAnswer Of(ServedModel model)
    {
        ModelCard card = model.Card;
        return new(
            model.Name,
            model.Version,
            card.Labels,
            card.Task == ClassificationTask.MultiLabel,
            string.Join('+', card.Bodies.Select(body => body.Name))
        );
    }
}
