namespace Graft.Training.Bodies;

/// <summary>Chooses among bodies by the time of an image and the published accuracy.</summary>
internal static class BodyFront
{
    private const int Chosen = 3;

    // A second and a third choice take at most a third and a ninth of the first one's time.
    private const double Step = 3;

    // A network with a third of the multiply-adds and no less accuracy leaves another no chance to be on the front.
    private const long FewerMultiplyAdds = 3;

    /// <summary>Those that may be on the front; measuring the others would only take time.</summary>
    public static IReadOnlyList<BodyInfo> WorthMeasuring(IReadOnlyList<BodyInfo> bodies) =>
        [
            .. bodies.Where(body =>
                body.ImageNetAccuracy is double accuracy
                && !bodies.Any(other =>
                    other.ImageNetAccuracy >= accuracy && other.MultiplyAdds * FewerMultiplyAdds <= body.MultiplyAdds
                )
            ),
        ];

    /// <summary>The front: those that no other beats in both, from the fastest to the most accurate.</summary>
    public static IReadOnlyList<BodyRecommendation> Of(IEnumerable<BodyRecommendation> measured)
    {
        List<BodyRecommendation> front = [];
        foreach (
            BodyRecommendation one in measured
                .OrderBy(one => one.TimeOfImage)
                .ThenByDescending(one => one.Body.ImageNetAccuracy)
        )
        {
            if (front.Count == 0 || one.Body.ImageNetAccuracy > front[^1].Body.ImageNetAccuracy)
            {
                front.Add(one);
            }
        }

        return front;
    }

    /// <summary>
    /// Up to three of a front within a budget: the most accurate one, and the most accurate ones in a third and in a
    /// ninth of its time. Empty where none is within the budget.
    /// </summary>
    public static IReadOnlyList<BodyRecommendation> Choose(IReadOnlyList<BodyRecommendation> front, TimeSpan? budget)
    {
        List<BodyRecommendation> within = [.. front.Where(one => budget is null || one.TimeOfImage <= budget)];
        List<BodyRecommendation> chosen = [];
        TimeSpan limit = within.Count > 0 ? within[^1].TimeOfImage : TimeSpan.Zero;
        for (int i = 0; i < Chosen && within.Count > 0; i++)
        {
            BodyRecommendation? best = within.LastOrDefault(one => one.TimeOfImage <= limit && !chosen.Contains(one));
            if (best is not null)
            {
                chosen.Add(best);
            }

            limit /= Step;
        }

        // Where the front is short at its fast end, the next slower ones fill the places.
        chosen.AddRange(within.Except(chosen).Reverse().Take(Chosen - chosen.Count));
        return [.. chosen.OrderBy(one => one.TimeOfImage)];
    }
}
