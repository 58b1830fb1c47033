namespace Graft.Imaging;

/// <summary>
/// Reads the numbers of a Netpbm file: digits between spaces, with comments from '#' to the end of a line.
/// </summary>
internal ref struct PnmText(ReadOnlySpan<byte> bytes)
{
    private const int Largest = 100_000_000; // no size or sample is larger; longer numbers stay here

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Offset after the last number.</summary>
    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position >= _bytes.Length;

    /// <summary>The next number; null at the end, or where something else comes.</summary>
    /// <param name="isBit">Whether each digit is a number, as in a bitmap.</param>
    public int? Next(bool isBit = false)
    {
        SkipSpace();
        int start = Position;
        int number = 0;
        while (!IsAtEnd && char.IsAsciiDigit((char)_bytes[Position]) && !(isBit && Position > start))
        {
            number = Math.Min(Largest, (number * 10) + _bytes[Position] - '0');
            Position++;
        }

        return Position > start ? number : null;
    }

    private void SkipSpace()
    {
        while (!IsAtEnd && (_bytes[Position] is (byte)'#' or (byte)' ' or (>= 9 and <= 13)))
        {
            if (_bytes[Position] == (byte)'#')
            {
                int end = _bytes[Position..].IndexOfAny((byte)'\n', (byte)'\r');
                Position = end < 0 ? _bytes.Length : Position + end;
            }
            else
            {
                Position++;
            }
        }
    }
}
