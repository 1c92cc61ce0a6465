"""What a column's name suggests: the words in a name, and their meaning."""

import re

_BREAK = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_PEOPLE = frozenset(
    [
        "account",
        "billing",
        "buyer",
        "client",
        "contact",
        "customer",
        "employee",
        "guest",
        "holder",
        "member",
        "passenger",
        "patient",
        "payer",
        "person",
        "recipient",
        "shipping",
        "student",
        "subscriber",
        "user",
        "visitor",
    ]
)
_PERSONAL = frozenset(
    [
        "email",
        "mail",
        "phone",
        "telephone",
        "mobile",
        "msisdn",
        "fax",
        "firstname",
        "lastname",
        "surname",
        "fullname",
        "username",
        "login",
        "nickname",
        "address",
        "addr",
        "street",
        "ip",
        "ipv4",
        "ipv6",
        "ipaddress",
        "dob",
        "birthday",
        "birthdate",
        "ssn",
        "passport",
        "iban",
        "clientid",
        "userid",
        "customerid",
        "visitorid",
        "deviceid",
        "cookieid",
        "phonenumber",
        "emailaddress",
    ]
)
_IDENTIFIED = _PEOPLE | frozenset(("device", "cookie", "session", "visitor", "advertising"))
_NAMED = _PEOPLE | frozenset(
    ("first", "last", "full", "middle", "given", "family", "maiden", "sur", "display")
)
_ABOUT = frozenset(
    ["template", "subject", "memory", "status", "type", "count", "sent", "opened", "valid", "domain"]
)
_AMOUNTS = frozenset(
    [
        "revenue",
        "price",
        "amount",
        "amt",
        "total",
        "subtotal",
        "value",
        "cost",
        "costs",
        "sales",
        "turnover",
        "gmv",
        "fee",
        "fees",
        "paid",
        "payment",
        "spend",
        "net",
        "gross",
        "tax",
        "discount",
    ]
)
_RATES = frozenset(
    [
        "ratio",
        "rate",
        "pct",
        "percent",
        "percentage",
        "share",
        "avg",
        "average",
        "mean",
        "median",
        "min",
        "max",
        "per",
    ]
)
_CODES = frozenset(["status", "code", "type", "kind", "class", "level", "tier", "method"])
_POSTAL = frozenset(["zip", "zipcode", "postal", "postcode", "plz"])
_NUMBERED = frozenset(
    [
        "phone",
        "telephone",
        "mobile",
        "msisdn",
        "fax",
        "iban",
        "isbn",
        "ean",
        "gtin",
        "upc",
        "sku",
        "vat",
        "ssn",
        "account",
    ]
)
_IDS = frozenset(["id", "uuid", "guid", "key"])
_NUMBERS = frozenset(["number", "no", "nr", "num", "code", "sku", "ref", "reference", "hash"])
_TIMES = frozenset(
    [
        "time",
        "timestamp",
        "ts",
        "datetime",
        "at",
        "when",
        "occurred",
        "happened",
        "event",
        "created",
        "date",
        "day",
    ]
)
_REASONS = frozenset(["reason", "reasons", "error", "errors", "rejection"])


def words_of(name: str) -> tuple[str, ...]:
    """Return a name's words, lower case: ``clientId`` and ``client_id`` have the same."""
    return tuple(word.lower() for word in _BREAK.split(name) if word)


def is_personal(name: str) -> bool:
    """Whether a column with this name is likely to identify a person."""
    words = words_of(name)
    known = set(words)
    if known & _PERSONAL:
        return not known & _ABOUT  # a mail's template is not personal
    if "name" in known:
        return len(words) == 1 or bool(known & _NAMED)
    if "birth" in known:
        return True
    return bool(known & {"id", "uuid", "guid", "number"}) and bool(known & _IDENTIFIED)


def is_amount(name: str) -> bool:
    """Whether the day's sum of such a column is worth tracking."""
    words = set(words_of(name))
    return bool(words & _AMOUNTS) and not words & (_RATES | _IDS | {"unit"})


def is_code(name: str) -> bool:
    """Whether integers in such a column are codes, like HTTP's status."""
    return bool(set(words_of(name)) & _CODES)


def is_postal(name: str) -> bool:
    """Whether digits in such a column are a postal code, not a number."""
    return bool(set(words_of(name)) & _POSTAL)


def is_digits(name: str) -> bool:
    """Whether digits in such a column are not a quantity, such as phone numbers."""
    words = set(words_of(name))
    return bool(words & _NUMBERED) and not words & (_AMOUNTS | {"balance", "count"})


def is_flag(name: str) -> bool:
    """Whether 0 and 1 in such a column mean no and yes."""
    words = words_of(name)
    return bool(words) and (words[0] in {"is", "has", "was", "can"} or words[-1] in {"flag", "bool"})


def is_time(name: str) -> bool:
    """Whether such a column is a time."""
    return bool(set(words_of(name)) & _TIMES)


def is_reason(name: str) -> bool:
    """Whether such a column is the reason why a row was rejected."""
    return bool(set(words_of(name)) & _REASONS)


def key_rank(name: str, subject: frozenset[str] = frozenset()) -> int:
    """Return a column's rank for keys: 0 identifies rows, 1 identifies something, 2 is a time, 3 neither.

    ``subject`` is what the rows are, by the files' names: for flights, a column ``flight`` identifies
    something.
    """
    words = set(words_of(name))
    if words & _IDS:
        return 1 if is_personal(name) else 0
    if words & _NUMBERS or {name.lower(), f"{name.lower()}s"} & subject:
        return 1
    return 2 if is_time(name) else 3


def folded(name: str) -> str:
    """Return a normalised name: equal for ``clientId``, ``client_id`` and ``Client ID``."""
    return "".join(words_of(name))
