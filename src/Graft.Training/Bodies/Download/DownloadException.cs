using Graft.Infrastructure;

namespace Graft.Training.Bodies;

/// <summary>A weight file that could not be fetched.</summary>
/// <param name="address">Without user and password.</param>
/// <param name="reason">The reason and the way out.</param>
/// <param name="mayPass">Trying again may help: the connection was cut, the server was busy.</param>
internal sealed class DownloadException(string address, string reason, bool mayPass = false, Exception? inner = null)
    : GraftException($"'{Printable.Text(address)}' cannot be fetched: {reason}", inner)
{
    public bool MayPass => mayPass;
}
