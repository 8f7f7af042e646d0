"""What the runner must know of an ONNX file before anybody loads it: the operators, and the kinds of its
inputs and outputs. Field numbers from onnx.proto."""

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
KINDS = {1: "tensor", 4: "sequence", 5: "map", 8: "sparse_tensor", 9: "optional"}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """(number, value) of each field: an int or a memoryview. ValueError or IndexError where it is damaged."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = varint(data, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
            value, at = data[at:at + size], at + size
        elif wire == LENGTH:
            size, at = varint(data, at)
            if at + size > len(data):
                raise ValueError("cut off")
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {wire}")
        yield number, value


def text(value):
    return bytes(value).decode("utf-8", "replace")


def kind_of(value_info):
    for number, value in fields(value_info):
        if number == 2:  # type
            for kind, _ in fields(value):
                if kind in KINDS:
                    return KINDS[kind]
    return "tensor"


def operator_of(node):
    name, domain = "?", ""
    for number, value in fields(node):
        if number == 4:
            name = text(value)
        elif number == 7:
            domain = text(value)
    return name if domain in ("", "ai.onnx") else f"{domain}:{name}"


def read(path):
    """(operators, input kinds, output kinds); nothing known of a file that is damaged."""
    operators, inputs, outputs = [], [], []
    with open(path, "rb") as f:
        data = memoryview(f.read())
    try:
        for number, graph in fields(data):
            if number != 7:
                continue
            for part, value in fields(graph):
                if part == 1:
                    operators.append(operator_of(value))
                elif part == 11:
                    inputs.append(kind_of(value))
                elif part == 12:
                    outputs.append(kind_of(value))
    except (ValueError, IndexError, TypeError, AttributeError):
        pass
    return sorted(set(operators)), inputs, outputs
