namespace Graft.Training.Run;

/// <summary>A token that is cancelled with another one, or when a time budget is spent.</summary>
internal sealed class BudgetCancellation : IDisposable
{
    private readonly CancellationTokenSource _spent;
    private readonly CancellationTokenSource _either;

    /// <param name="budget">The budget.</param>
    /// <param name="time">The clock that measures it.</param>
    /// <param name="cancel">The other token.</param>
    public BudgetCancellation(TimeBudget budget, TimeProvider time, CancellationToken cancel)
    {
        _spent = new(budget.IsLimited ? TimeSpan.FromSeconds(budget.Left) : Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _spent.Token);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Stops the clock.</summary>
    public void Dispose()
    {
        _either.Dispose();
        _spent.Dispose();
    }
}
