"""Brings the model's text into one plain spelling, whatever markup or trick it is dressed in."""

from __future__ import annotations

import re
import unicodedata

# Letters of another script that look like Latin ones, lower case; the pairs also serve backwards.
_CYRILLIC_LOOKS = "аеорсухіјѕԁԛԝкмтвнгпьз"
_LATIN_LOOKS = "aeopcyxijsdqwkmtbhrnb3"
_TO_LATIN = {c: w for c, w in zip(_CYRILLIC_LOOKS, _LATIN_LOOKS, strict=True) if w.isalpha()}
_TO_CYRILLIC = {
    **dict(zip("aeopcyxkmtbh", "аеорсухкмтвн", strict=True)),
    **dict(zip("rn", "гп", strict=True)),
}
_GREEK = str.maketrans("αβεηικνορτυχωγ", "abehikvoptuxwy")
_MARKS = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ`´′", "'"),
        **dict.fromkeys("“”„«»‹›″", '"'),
        **dict.fromkeys("‐‑‒−", "-"),
        **dict.fromkeys("–—―", "—"),
        **dict.fromkeys("*~|•·▪◦‣⁃", " "),
        "\u00a0": " ",
        "_": " ",
        "¿": " — ",
        "¡": " ",
        "…": ". ",
        "。": ". ",
        "？": "? ",
        "！": "! ",
        "🔟": "10",
    }
)
CHECK = "0k"  # stands for a check mark: no word starts with a digit
_CHECKS = frozenset("✅✔☑✓🗹🆗")
_LINK = re.compile(r"\[([^\[\]]{0,200})\]\([^()\s]{0,400}\)")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]{0,12}(?: [^<>]{0,80})?/?>")
_URL = re.compile(r"\b(?:https?://|www\.|t\.me/)\S+|\S{1,64}@\S{1,64}\.[a-z]{2,10}", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<=\w)(?:\*{1,3}|_{2}|~~|`)(?=\w)")
# Where emphasis ends and a capital follows, a sentence may have ended without a full stop.
_CLOSED = re.compile(r"(?<=\w)(?:\*{1,3}|_{1,2}|~~|`)(?=\s+[*_~`]*[A-ZА-ЯЁÄÖÜ¿¡])")
# A number with a dot begins an item of a list, or a German date.
_BULLET = re.compile(
    r"^\s*(?:[-*•·▪◦‣⁃>#]+|\(?\d{1,2}[.)](?!\d|\s+(?:Jan|Feb|Mär|Apr|Mai|Ju[nl]|Aug|Sep|Okt|Nov|Dez)))\s+",
    re.MULTILINE,
)
_SPELLED = re.compile(r"(?<!\w)(?:[^\W\d] ){3,}[^\W\d](?!\w)")
# Folded, "nº" would read as a no.
_NUMBER_SIGN = re.compile(r"\bn\.?[º°]|№", re.IGNORECASE)
_LEET = re.compile(r"(?<=[a-z])[013]+(?=[a-z])")
_WORD = re.compile(r"[^\W\d_]{2,}")
# Accents that make another word, so that they can't just go: "wurde" was, "würde" would be.
_KEPT_APART = {
    **{"würde": "wuerde", "hätte": "haette", "könnte": "koennte", "wäre": "waere"},
    **{"sí": "sii"},
}
_KEPT = re.compile(r"(?<!\w)(?:würde|hätte|könnte|wäre|sí(?!\w))")
# Spanish tells "I booked" from "book!" by the stress on the last letter alone.
_STRESSED = re.compile(r"(?<=[a-zñ]{2})[éíó](?!\w)")
# The dot of "am 24.11. um zehn" ends no sentence.
_DATE_DOT = re.compile(r"(\b\d{1,2}\.\d{1,2})\.(?=[ \u00a0][*_]{0,3}[a-zäöüß0-9])")
_SENTENCE = re.compile(r"[^.!?\n]+")
_SPACES = re.compile(r"[^\S\n]+")


def normalised(text: str) -> str:
    """Return `text` folded to bare lower-case letters, without markup, tricks or ornaments.

    Args:
        text: any characters. Zero-width characters, Markdown and HTML marks, emoji digits,
            full-width and mathematical letters, letters borrowed from a look-alike script,
            accents and upper case go; links keep their label.

    Returns:
        Lines of plain words; a check mark is the word `CHECK`, the start of a line that was an
        item of a list is marked by `> `. Umlauts lose their dots, й is и.
    """
    text = _URL.sub(" ", _TAG.sub("", _LINK.sub(r"\1", text)))
    text = _NUMBER_SIGN.sub(" nr ", text)
    text = _CLOSED.sub("\n", _BULLET.sub("> ", _DATE_DOT.sub(r"\1", text)))
    text = "".join(_shown(text))
    text = unicodedata.normalize("NFKC", _EMPHASIS.sub("", text)).translate(_MARKS)
    text = _STRESSED.sub(lambda match: match.group() * 2, keep_apart(text.casefold()))
    decomposed = unicodedata.normalize("NFD", text)
    text = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_GREEK)
    text = _SPELLED.sub(lambda m: m.group().replace(" ", ""), text)
    text = _SENTENCE.sub(_one_alphabet, text)
    return _SPACES.sub(" ", _LEET.sub(_unleet, text))


def keep_apart(text: str) -> str:
    """Spell out, in case-folded text, the words that only an accent tells from others."""
    return _KEPT.sub(lambda match: _KEPT_APART[match.group()], text)


def _shown(text: str) -> list[str]:
    """Replace ornaments: check marks by their word, others by a full stop where one may stand."""
    out: list[str] = []
    for i, char in enumerate(text):
        kind = unicodedata.category(char)
        if char in _CHECKS:
            ends = text[:i].rstrip(" \u00a0*_~`")[-1:].isalnum() and _sentence_follows(text, i)
            out.append(f" {CHECK} . " if ends else f" {CHECK} ")
        elif kind in {"Cf", "Me", "Mn"} and char not in "\u0306\u0308\u0301\u0303":
            continue
        elif kind in {"So", "Sk"} and ord(char) > 0x2000 and not _is_letterlike(char):
            out.append(" . " if _sentence_follows(text, i) else " ")
        elif kind == "Cc" and char != "\n":
            out.append(" ")
        else:
            out.append(char)
    return out


def _is_letterlike(char: str) -> bool:
    return unicodedata.normalize("NFKC", char) != char or char == "🔟"


def _sentence_follows(text: str, i: int) -> bool:
    rest = text[i + 1 : i + 6].lstrip(" \ufe0f\u200d*_~`")
    return not rest or rest[0].isupper() or rest[0] in "\n¡¿"


def _one_alphabet(sentence: re.Match[str]) -> str:
    text = sentence.group()
    cyrillic = sum("а" <= c <= "ѿ" for c in text)
    latin = sum("a" <= c <= "z" for c in text)
    if not cyrillic or not latin:
        return text
    return _WORD.sub(lambda m: _one_script(m.group(), cyrillic > latin), text)


def _one_script(word: str, prefer_cyrillic: bool) -> str:
    """Undo letters borrowed from the other script; a whole borrowed word follows the text's."""
    cyrillic = [c for c in word if "а" <= c <= "ԯ"]
    latin = [c for c in word if "a" <= c <= "z"]
    if not cyrillic or (not latin and prefer_cyrillic):
        return word
    to_latin = all(c in _TO_LATIN for c in cyrillic)
    to_cyrillic = all(c in _TO_CYRILLIC for c in latin)
    if to_latin and not (latin and to_cyrillic and prefer_cyrillic):
        return "".join(_TO_LATIN.get(c, c) for c in word)
    if to_cyrillic and latin:
        return "".join(_TO_CYRILLIC.get(c, c) for c in word)
    return word


def _unleet(match: re.Match[str]) -> str:
    return match.group().translate(str.maketrans("013", "ole"))
