"""Messages for lines that cannot be decoded: msgspec's, reworded, with a remedy."""

import msgspec

REMEDY = {
    "tokens": "run `alcli normalize`",
    "probs": "run `alcli score`",
    "metrics": "run `alcli evaluate --append`",
    "signals": "run `alcli score --signal NAME`",
}
DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def explain(error: Exception) -> str:
    """Return the message of a decode error, and a remedy where one is known.

    error: one of DECODE_ERRORS.
    """
    if isinstance(error, UnicodeDecodeError):
        byte = error.object[error.start]
        return f"not UTF-8: byte 0x{byte:02x}; convert the file with iconv"
    if isinstance(error, RecursionError):
        return "not JSON: nested too deep"
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        if "truncated" in text:
            text += "; one object per line is expected"
        return f"not JSON: {text.removeprefix('JSON is malformed: ')}"
    if text.startswith("Object missing required field `"):
        name = text.split("`")[1]
        inside = text.partition(" - at `$.")[2].rstrip("`")
        if inside:
            remedy = f"; {REMEDY[inside]}" if inside == "signals" else ""
            return f'no "{name}" in "{inside}"{remedy}'
        return f'no "{name}" field' + (f"; {REMEDY[name]}" if name in REMEDY else "")
    what, _, place = text.partition(" - at `$")
    if text == "Expected `object`, got `array`":
        return "a JSON object is expected, not an array"
    return (f'"{place[1:-1]}": ' if place.strip("`") else "") + what.replace("`", "")
