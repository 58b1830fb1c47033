namespace Graft.Training.Weights;

/// <summary>The stack and the memo of a pickle's machine. No value below the last mark can be popped.</summary>
/// <param name="reader">Says where a damaged pickle is damaged.</param>
internal sealed class PickleStack(PickleReader reader)
{
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>Sets a mark on top.</summary>
    public void Mark() => _marks.Push(_stack.Count);

    /// <summary>Stores the value on top under the next number.</summary>
    public void Store() => Store(_memo.Count);

    /// <summary>Stores the value on top under a number.</summary>
    public void Store(long index) => _memo[index] = Peek();

    /// <summary>The last class or function on the stack; null if there is none.</summary>
    public PickleGlobal? LastGlobal() => _stack.OfType<PickleGlobal>().LastOrDefault();

    /// <summary>Appends to the list on top.</summary>
    public bool Append(object?[] items)
    {
        if (Peek() is not List<object?> list)
        {
            throw reader.Refuse("appends to something that is not a list; the file is damaged");
        }

        list.AddRange(items);
        return true;
    }

    /// <summary>Sets keys and values of the dictionary on top.</summary>
    public bool SetItems(object?[] items)
    {
        if (Peek() is not PickleDictionary dictionary || items.Length % 2 != 0)
        {
            throw reader.Refuse("sets items of something that is not a dictionary; the file is damaged");
        }

        for (int i = 0; i < items.Length; i += 2)
        {
            dictionary.Set(items[i], items[i + 1]);
        }

        return true;
    }

    /// <summary>Puts a value on top; always true.</summary>
    public bool Push(object? value)
    {
        _stack.Add(value);
        return true;
    }

    /// <summary>The value that was stored under a number.</summary>
    public object? Recall(long index) =>
        _memo.TryGetValue(index, out object? value)
            ? value
            : throw reader.Refuse($"recalls object {index}, which was never stored; the file is damaged");

    /// <summary>The value on top.</summary>
    public object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Underflow();

    /// <summary>Takes the value on top.</summary>
    public object? Pop()
    {
        object? top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    /// <summary>Takes some values, the lowest first.</summary>
    public object?[] Pop(int count)
    {
        if (_stack.Count - count < Floor)
        {
            throw Underflow();
        }

        object?[] items = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    /// <summary>Takes all values above the last mark, and the mark.</summary>
    public object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw reader.Refuse("has no mark on the stack; the file is damaged");
        }

        object?[] items = Pop(_stack.Count - Floor);
        _marks.Pop();
        return items;
    }

    /// <summary>Index of the last mark: items below it may not be popped.</summary>
    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private WeightFileException Underflow() => reader.Refuse("pops from an empty stack; the file is damaged");
}
