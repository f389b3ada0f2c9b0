"""Numbers of applications, cases, tasks and documents (申请、办件、任务、文书编号): readable, gapped, self-checking.

    application  RC-370283-20260918-000012-K        region, day of receipt, sequence, check character
    case         RC-370283-20260918-000012-K-1X     the application's, position in it, check character
    task         RC-370283-20260918-000012-K-1X-03Q the case's, position in it, check character

Each check character is ISO 7064 Mod 37,36 over every letter and digit before it. It finds every single wrong
character, and every swap of two neighbours unless their values differ by exactly one (…12… for …21…) and the sum stands
at one of 36 values just there: the standard's own limit. A number is given at receipt (收件), never to a draft.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date

from stdnum.iso7064 import mod_37_36

from forms.errors import NotFound
from forms.vocabulary import DocumentKind

CASES_MAX = 35
TASKS_MAX = 99

_NUMBER = re.compile(
    r"(?P<application>RC-[0-9]{6}-(?P<day>[0-9]{8})-[0-9]{6,12}-[0-9A-Z])"
    r"(?:(?P<case>-[1-9A-Z][0-9A-Z])(?P<task>-[0-9]{2}[0-9A-Z])?)?"
)
_WITH_HYPHENS = re.compile(r"(RC)([0-9]{6})([0-9]{8})-([0-9]{6,12})-([0-9A-Z])([1-9A-Z][0-9A-Z])?([0-9]{2}[0-9A-Z])?")
_HEAD = len("RC") + 6 + 8
_ENDS = range(_HEAD + 6, _HEAD + 13)
"""Where a sequence of 6 to 12 digits may end in a number without hyphens; its check characters tell which."""
_LONGEST = 200
_STRANGE = re.compile(r"[^A-Z0-9-]")
_DASHES = re.compile(r"[－—–‐−_]")
_POSITIONS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {character: value for value, character in enumerate(_POSITIONS)}
_READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_PROGRESS_LENGTH = 10

DOCUMENT_WORDS: dict[DocumentKind, str] = {
    DocumentKind.RECEIPT: "收",
    DocumentKind.ACCEPTANCE: "受",
    DocumentKind.NOT_REQUIRED: "无需",
    DocumentKind.NOT_ACCEPTED: "不受",
    DocumentKind.SUPPLEMENT_NOTICE: "补",
    DocumentKind.GAP_PROMISE: "容缺",
    DocumentKind.SPECIAL_PROCEDURE: "特",
    DocumentKind.DECISION_OK: "准",
    DocumentKind.DECISION_REFUSED: "不准",
    DocumentKind.CLOSING_NOTICE: "结",
    DocumentKind.FORWARD_NOTICE: "转",
    DocumentKind.WITHDRAWAL: "撤",
    DocumentKind.VOID_RECORD: "废",
    DocumentKind.DELIVERY: "送",
    DocumentKind.EXTENSION: "延",
    DocumentKind.REOPENING: "重",
    DocumentKind.DEEMED_AGREEMENT: "默",
    DocumentKind.COMMITMENT: "诺",
    DocumentKind.GAP_NOTICE: "容通",
    DocumentKind.PUBLIC_NOTICE: "示",
    DocumentKind.DELAY_STATEMENT: "超",
    DocumentKind.CLOSING_SUMMARY: "览",
    DocumentKind.ARCHIVE_LIST: "档",
    DocumentKind.SUPERVISION_ORDER: "督",
    DocumentKind.RATING_REPLY: "评",
}


def application_number(region: str, day: date, seq: int) -> str:
    """Return the number of a region's `seq`-th application, received on `day`; the region is a 行政区划代码."""
    if not re.fullmatch(r"[0-9]{6}", region) or not 0 < seq < 10**12:
        raise ValueError(f"no application number for region {region!r}, sequence {seq}")
    return _checked(f"RC-{region}-{day:%Y%m%d}-{seq:06d}-")


def case_number(application_no: str, position: int) -> str:
    """Return the number of the `position`-th case of an application, 1 to 35 (written 1-9, then A-Z)."""
    if not 1 <= position <= CASES_MAX:
        raise ValueError(f"an application has cases 1 to {CASES_MAX}, not {position}")
    return _checked(f"{application_no}-{_POSITIONS[position]}")


def task_number(case_no: str, position: int) -> str:
    """Return the number of the `position`-th task of a case, 1 to 99, the ad hoc ones included."""
    if not 1 <= position <= TASKS_MAX:
        raise ValueError(f"a case has tasks 1 to {TASKS_MAX}, not {position}")
    return _checked(f"{case_no}-{position:02d}")


def document_number(kind: DocumentKind, owner: str, place: int | None = None) -> str:
    """Return a document's number: its word, the case or application it belongs to, and the place of its act there."""
    return f"{DOCUMENT_WORDS[kind]}-{owner}" + (f"-{place}" if place is not None else "")


def order_number(region: str, day: date, seq: int) -> str:
    """Return the number of an order of supervision (督办单) sent in a region on a day."""
    return _checked(f"DB-{region}-{day:%Y%m%d}-{seq:06d}-")


def is_valid(no: str) -> bool:
    """Tell whether `no` could have been given out: its shape, its date and every check character in it are right."""
    found = _NUMBER.fullmatch(no)
    if found is None:
        return False
    day = found["day"]
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    ends = [found.end(part) for part in ("application", "case", "task") if found[part]]
    return all(mod_37_36.checksum(no[:end].replace("-", "")) == 1 for end in ends)


def as_printed(typed: str) -> str:
    """Read a number as people type it back into the printed form: small letters, other dashes, blanks, no hyphen.

    What cannot be read into one that could have been given out stays as it is, in capitals and without blanks.
    """
    wide = unicodedata.normalize("NFKC", typed[:_LONGEST]).upper()
    tidy = _STRANGE.sub("", _DASHES.sub("-", wide))
    plain = tidy.replace("-", "")
    found = (_WITH_HYPHENS.fullmatch(plain[:_HEAD] + "-" + plain[_HEAD:end] + "-" + plain[end:]) for end in _ENDS)
    whole = ("-".join(filter(None, [*match.groups()])) for match in found if match)
    return tidy if is_valid(tidy) else next(filter(is_valid, whole), tidy[:64])


def is_case(no: str) -> bool:
    """Tell whether `no` has the shape of a case's number, neither an application's nor a task's."""
    found = _NUMBER.fullmatch(no)
    return found is not None and found["case"] is not None and found["task"] is None


def application_of(no: str) -> str:
    """Return the application's number in a number of any kind; NotFound when it is mistyped."""
    return _part(no, "application")


def case_of(no: str) -> str:
    """Return the case's number in that of a case or a task; NotFound when it is mistyped or an application's."""
    return _part(no, "case")


def progress_code() -> str:
    """Draw the random code with which an applicant asks for progress (查询码): 10 letters and digits, 49.5 bits."""
    drawn = "".join(secrets.choice(_READABLE) for _ in range(_PROGRESS_LENGTH))
    return f"{drawn[:5]}-{drawn[5:]}"


def read_progress_code(typed: str) -> str:
    """Read a progress code as people type it (small letters, no hyphen, blanks) back into the printed form."""
    plain = re.sub(r"[\s\-－—]", "", typed).upper()
    return f"{plain[:5]}-{plain[5:]}"


def _checked(stem: str) -> str:
    """Return the stem with its check character, as python-stdnum's mod_37_36 does, for numbers drawn six at a time."""
    rest = 36
    for character in stem:
        if character != "-":
            rest = (rest + _VALUES[character]) % 36 or 36
            rest = rest * 2 % 37
    return stem + _POSITIONS[(37 - rest) % 36]


def _part(no: str, part: str) -> str:
    found = _NUMBER.fullmatch(no)
    if found is None or not found[part] or not is_valid(no):
        raise NotFound("编号有误，请核对后重新输入。", code="not_found")
    return no[: found.end(part)]
