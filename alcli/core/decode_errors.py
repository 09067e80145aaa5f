"""Messages for lines that cannot be decoded: msgspec's, reworded, with a remedy."""

import re

import msgspec

REMEDY = {
    "tokens": "run `alcli normalize`",
    "probs": "run `alcli score`",
    "metrics": "run `alcli evaluate --append`",
    "signals": "run `alcli score --signal NAME`",
}
DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# escapes of JSON: a pair of surrogates, half of one, any other
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
_HALF_BYTES = re.compile(rb"\xed[\xa0-\xbf]")  # of a surrogate in UTF-8, so invalid


def explain(error: Exception, line: bytes = b"") -> str:
    """Return the message of a decode error, and a remedy where one is known.

    error: one of DECODE_ERRORS.
    line: JSON that was decoded, for what the error does not say.
    """
    if isinstance(error, UnicodeDecodeError):
        if _HALF_BYTES.match(error.object, error.start):
            return f"not UTF-8: {_half_character('its bytes')}"
        byte = error.object[error.start]
        return f"not UTF-8: byte 0x{byte:02x}; convert the file with iconv"
    if isinstance(error, RecursionError):
        return "not JSON: nested too deep"
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        escapes = _ESCAPE.finditer(line)
        if half := next((x["half"] for x in escapes if x["half"]), None):
            return f"not JSON: {_half_character(f'\\{half.decode()}')}"
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


def _half_character(spelled: str) -> str:
    half = f"half a character, a lone surrogate ({spelled})"
    return f"{half}: its text was cut within an emoji; mend or drop the record"
