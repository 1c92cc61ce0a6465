"""What a cell with a broken order looks like, by a second way: tokens that are reduced to one value.

The exporter changes the text and tries to parse it.
"""

import base64
import re
from dataclasses import dataclass

STRICT = r'[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4}'
CONTROL = r'[^"\\]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4}'
ANY_ESCAPE = r'[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\(?!["\\/bfnrt])'
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
VALUE = r"\[(?:[sv](?:,[sv])*)?\]|\{(?:s:[sv](?:,s:[sv])*)?\}"
WORDS = {"p": "None|True|False", "u": "undefined"}
IN_PLACE = r"(?<=[:,\[])%s(?=[,}\]])"


@dataclass(frozen=True)
class Repair:
    """Something that is allowed beside JSON: in strings, or in the order of tokens."""

    name: str
    inside: str = STRICT
    pattern: str = "$^"
    put: str = ""


REPAIRS = (
    Repair("JSON with NaN or Infinity"),
    Repair("JSON with unescaped control characters", inside=CONTROL),
    Repair("JSON with a comma before a closing bracket", pattern=r",([}\]])", put=r"\1"),
    Repair("JSON with Python's None, True or False", pattern=IN_PLACE % "p", put="v"),
    Repair("JSON with JavaScript's undefined", pattern=IN_PLACE % "u", put="v"),
    Repair("JSON with a field without a value", pattern=r":([,}])", put=r":v\1"),
    Repair("JSON with an invalid escape", inside=ANY_ESCAPE),
)


def tokens(text: str, inside: str = STRICT) -> str:
    """Return a letter for each token, ``?`` for what is none."""
    kinds = {
        "s": f'"(?:{inside})*"',
        "v": f"{NUMBER}|null|true|false|NaN|-?Infinity",
        **WORDS,
        "blank": r"[ \t\n\r]+",
    }
    pattern = re.compile("|".join(f"(?P<{kind}>{one})" for kind, one in kinds.items()))
    found, place = "", 0
    while place < len(text):
        match = pattern.match(text, place)
        kind = text[place] if match is None else match.lastgroup or ""
        found += "" if kind == "blank" else kind if match or kind in "[]{},:" else "?"
        place = match.end() if match else place + 1
    return found


def is_value(found: str) -> bool:
    """Return whether tokens are one value: innermost lists and objects are replaced by one."""
    while (reduced := re.sub(VALUE, "v", found)) != found:
        found = reduced
    return found == "v"


def first_whole(found: str) -> str:
    """Return the tokens up to where all brackets are closed."""
    depth = 0
    for place, token in enumerate(found):
        depth += (token in "{[") - (token in "}]")
        if depth == 0:
            return found[: place + 1]
    return found


def broken_object(text: str) -> str:
    """Return the shape of a text that begins with a brace."""
    inner = text[1:].lstrip()
    starts = (
        ("a Python dict", r"'"),
        ("JSON with its quotes doubled", r'""(?!\s*:)'),
        ("JSON with its quotes escaped", r'\\"'),
        ("JSON with typographic quotes", "[\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f«»\u2032\u2033]"),
        ("JSON with &quot; for its quotes", r"(?i:&quot;|&#0*34;|&#x0*22;)"),
        ("JSON with its keys unquoted", r"[A-Za-z_$][\w$]*\s*:"),
    )
    for name, start in starts:
        if re.match(start, inner):
            return name
    if text.endswith("}"):
        for repair in REPAIRS:
            if is_value(re.sub(repair.pattern, repair.put, tokens(text, repair.inside))):
                return repair.name
    if is_value(first_whole(tokens(text))):
        return "JSON with more text after it"
    return "broken JSON" if text.endswith("}") or text == "{" else "JSON that is cut off"


def is_base64(text: str) -> bool:
    """Return whether a text is Base64 of something that begins like an object."""
    bare = re.sub("={0,2}$", "", text)
    if not re.fullmatch("[A-Za-z0-9+/_-]{11,}", bare):
        return False
    return base64.b64decode(bare[:4], altchars=b"-_").startswith((b'{"', b"{ ", b"{\n"))


def broken_shape(text: str) -> str:
    """Return the shape of a trimmed cell without a JSON object."""
    if text.startswith("{"):
        return broken_object(text)
    whole = (
        ("[object Object]", text == "[object Object]"),
        ("JSON within a JSON text", len(text) > 1 and text[0] == text[-1] == '"'),
        ("a JSON list", len(text) > 1 and text[0] == "[" and text[-1] == "]"),
        (
            "URL-encoded JSON",
            text.lower().startswith(tuple(f"%7b{next_}" for next_ in ("%22", "%0a", "%20", "%7d", "+"))),
        ),
        ("Base64 of JSON", is_base64(text)),
        ("broken JSON", text.startswith("[")),
    )
    return next((name for name, holds in whole if holds), "no JSON")
