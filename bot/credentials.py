"""What looks like a key, token or password, wherever it stands: never logged, never kept, never sent to a model."""

from __future__ import annotations

import re
import unicodedata

# Each alternative begins where a word begins and is bounded, or matches as soon as it has begun, so that it takes linear time.
_TOKENS = (
    r"\b(?:sk|pk|rk|ghp|gho|xox[abp]|hf|github_pat)[-_][A-Za-z0-9_-]{12,}",  # OpenAI, Anthropic, Stripe, GitHub, Slack, Hugging Face
    r"\b(?:ghu|ghs|ghr|whsec|npm|shpat|shpss|dop_v1|doo_v1|lin_api|sntrys|pplx|gsk|xai|r8|nvapi|secret|tskey)[-_](?=[\w-]{0,60}\d)[A-Za-z0-9_-]{20,}",
    r"\b(?:glpat|gldt|glrt|xox[ceors]|xapp|pypi|GOCSPX|ATATT|figd|tvly)-(?=[\w-]{0,60}\d)[\w-]{16,}",
    r"\bAIza[\w-]{30,}",
    r"\bya29\.[\w-]{20,}",  # Google
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # AWS
    r"\bSG\.[\w-]{16,32}\.[\w-]{16,64}",  # SendGrid
    r"(?<![\w:])\d{8,10}:AA[\w-]{30,40}(?![\w-])",  # Telegram
    r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}\b",  # Discord
    r"(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{8,2000}",  # JSON Web Tokens
    r"\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{15,22}/[\w-]{30,}",
    r"\bhooks\.slack\.com/services/T\w{6,14}/B\w{6,14}/\w{16,}",
    r"(?i:\bbearer\s+)[\w.~+/-]{16,}",
    r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
)
# What stands for a password where none is told, as in a manual.
_STAND_IN = r"(?!(?:https?://|pass(?:word|wort|wd)?\b|secret\b|example|[<{\[(*•.…$%]|x{3,}|\d{1,3}-?(?:\W|char|zeich|stell|caract|car[aá]ct|signos|digit|letter|buchst)))"
# A letter beside a figure or sign, a capital within, or figures alone: "hunter2", "CorrectHorse", "123456"; not "required".
_VALUE = (
    r"(?:(?=[^\s\"'`]{0,60}[A-Za-z])(?=[^\s\"'`]{0,60}(?:\d|[a-z][A-Z]|[#$%&+=@^~!?*][^\s\"'`]))[^\s\"'`]{6,128}"
    r"|\d{6,32}(?![\w-]))"
)
_NAMED = re.compile(
    r"(?i:(?<![^\W_])(?:pass(?:word|wort|wd|phrase|code)|kennwort|zugangscode|mot\s?de\s?passe|mdp|contrase(?:ñ|n|n\u0303)a|clave\sde\sacceso|senha"
    r"|palavra-passe|pwd?|api[ _-]?key|api[ _-]?token|secret[ _-]?key|secret[ _-]?access[ _-]?key|access[ _-]?token|auth[ _-]?token"
    r"|client[ _-]?secret|private[ _-]?key))[\"'`*_]{0,3}"
    r"(?:\s{0,3}[:=|;]|>(?!@)|\s(?:–|—|is|ist|lautet|est|es|é|eh)(?::|\s))\s{0,3}[\"'`]?" + _STAND_IN + _VALUE
)
_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@]{0,64}:" + _STAND_IN + r"[^\s/@]{3,128}@[\w.\[-]")

# A run of signs that keys are made of.
_OPAQUE = re.compile(r"[A-Za-z0-9_+=-]{16,}")
_TOKEN = re.compile("|".join(_TOKENS))
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


def holds_secret(text: str) -> bool:
    """Whether something in a text looks like a key, token or password, also in wide letters or with marks that cannot be seen."""
    if _found(text):
        return True
    plain = text if text.isascii() else unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
    return plain != text and _found(plain)


def _found(text: str) -> bool:
    return any(one.search(text) for one in (_TOKEN, _NAMED, _ADDRESS))


def masked(text: str) -> str:
    """The text with everything that looks like a key covered."""
    for one in (_TOKEN, _NAMED, _ADDRESS):
        text = one.sub("•••", text)
    return text


def covered(value: str) -> str:
    """A setting as it may be shown: without passwords in addresses, values after "?", and all that could be a misplaced key."""
    value = re.sub(r"(?<![^\s/@])[^\s/@]+@", "•••@", value)
    value = re.sub(r"([?&][^=&?\s]*=)[^&\s]+", r"\1•••", value)
    return _OPAQUE.sub(lambda found: "•••" if _is_opaque(found[0]) else found[0], masked(value))


def _is_opaque(word: str) -> bool:
    """Whether a word looks made up by a machine: it mixes letters with digits, or small ones with capitals."""
    digits, letters = sum(map(str.isdigit, word)), sum(map(str.isalpha, word))
    cases = any(map(str.islower, word)) and any(map(str.isupper, word))
    return (digits >= 2 and letters >= 2) or (cases and len(word) >= 20)
