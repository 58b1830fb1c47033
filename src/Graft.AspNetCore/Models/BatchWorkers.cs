using System.Threading.Channels;
using Graft.Prediction;

namespace Graft.AspNetCore;

/// <summary>
/// Gathers waiting images into batches. Each worker computes one batch at a time on one thread. Images are shared among
/// the workers, so that an idle server answers each image by itself and a busy one fills its batches.
/// </summary>
internal sealed class BatchWorkers
{
    private readonly Channel<WaitingImage> _waiting;
    private readonly Func<LoadedModel> _use;
    private readonly int _batchSize;
    private readonly int _workerCount;
    private readonly Task[] _workers;

    /// <summary>Starts the workers.</summary>
    /// <param name="options">Number of workers, batch size and length of the queue.</param>
    /// <param name="use">Gives the model of a batch, in use.</param>
    public BatchWorkers(ServedModelOptions options, Func<LoadedModel> use)
    {
        _use = use;
        _batchSize = options.BatchSize;
        _workerCount = options.WorkerCount;
        _waiting = Channel.CreateBounded<WaitingImage>(options.QueueLength);
        _workers = [.. Enumerable.Range(0, _workerCount).Select(_ => Task.Run(RunAsync))];
    }

    /// <summary>Number of images that wait.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>Adds an image. False: the queue is full.</summary>
    public bool TryAdd(WaitingImage image) => _waiting.Writer.TryWrite(image);

    /// <summary>Answers what waits, and ends the workers.</summary>
    public async Task CompleteAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_workers).ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            List<WaitingImage> batch = Take();
            if (batch.Count > 0)
            {
                await ComputeAsync(batch).ConfigureAwait(false);
            }
        }
    }

    private List<WaitingImage> Take()
    {
        int share = Math.Clamp((Waiting + _workerCount - 1) / _workerCount, 1, _batchSize);
        List<WaitingImage> batch = new(share);
        while (batch.Count < share && _waiting.Reader.TryRead(out WaitingImage? image))
        {
            if (!image.IsAbandoned)
            {
                batch.Add(image);
                ServingTelemetry.EndWait(image.Start);
            }
        }

        return batch;
    }

    private async Task ComputeAsync(List<WaitingImage> batch)
    {
        try
        {
            LoadedModel model = _use();
            try
            {
                int answered = 0;
                IEnumerable<NamedImage> images = batch.Select(image => image.Image);
                await foreach (
                    PredictionResult result in model.Predictor.PredictManyAsync(images).ConfigureAwait(false)
                )
                {
                    batch[answered++].Complete(result, model.Version);
                }

                ServingTelemetry.CountBatch(batch.Count);
            }
            finally
            {
                model.Release();
            }
        }
        // whatever it is, those who wait must hear of it, and the worker must live
#pragma warning disable CA1031
        catch (Exception error)
#pragma warning restore CA1031
        {
            batch.ForEach(image => image.Fail(error));
        }
    }
}
