using System.Collections;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Graft.Onnx;

namespace Graft.Bench;

/// <summary>Reads every field of an ONNX file as a value with a path. Metadata is read as JSON.</summary>
internal static class FlatModel
{
    private const string Metadata = "metadata";

    public static void Add(FlatValues values, string path)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            string place = $"{Metadata}.{entry.Key}";
            if (entry.Value.StartsWith('{'))
            {
                values.AddJson(place, entry.Value);
            }
            else
            {
                values.Add(place, JsonSerializer.Serialize(entry.Value));
            }
        }

        model.MetadataProps.Clear();
        Add(values, "", model);
    }

    private static void Add(FlatValues values, string path, IMessage message)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            string place = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            object? value = field.Accessor.GetValue(message);
            if (field.IsRepeated)
            {
                AddList(values, place, (IList)value!, field.FieldType);
            }
            else if (value is IMessage inner)
            {
                Add(values, place, inner);
            }
            else if (value is not null)
            {
                values.Add(place, Text(value));
            }
        }
    }

    // A list of numbers is one value, because a weight may have millions of them.
    private static void AddList(FlatValues values, string path, IList list, FieldType type)
    {
        if (type is FieldType.Message or FieldType.String or FieldType.Bytes)
        {
            for (int n = 0; n < list.Count; n++)
            {
                string place = $"{path}[{n}]";
                if (list[n] is IMessage inner)
                {
                    Add(values, place, inner);
                }
                else
                {
                    values.Add(place, Text(list[n]!));
                }
            }
        }
        else if (list.Count > 0)
        {
            string all = string.Join(' ', list.Cast<object>().Select(Text));
            values.Add(path, list.Count <= 8 ? all : Digest(Encoding.UTF8.GetBytes(all)));
        }
    }

    private static string Text(object value) =>
        value switch
        {
            string text => JsonSerializer.Serialize(text),
            ByteString bytes => Digest(bytes.Span),
            float number => $"{number} (0x{BitConverter.SingleToUInt32Bits(number):x8})",
            double number => $"{number} (0x{BitConverter.DoubleToUInt64Bits(number):x16})",
            _ => $"{value}",
        };

    private static string Digest(ReadOnlySpan<byte> bytes) =>
        $"{bytes.Length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}";
}
