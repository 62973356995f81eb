"""What looks like a key, token or password, anywhere: never logged, stored or sent to a model."""

from __future__ import annotations

import re
import unicodedata

# Each alternative starts at a word boundary and is bounded, or matches at its prefix, so matching takes linear time.
_WORD_START_PATTERNS = (
    r"(?:sk|pk|rk|ghp|gho|xox[abp]|hf|github_pat)[-_][A-Za-z0-9_-]{12,}",  # OpenAI, Anthropic, Stripe, GitHub, Slack, Hugging Face
    r"(?:ghu|ghs|ghr|whsec|npm|shp(?:at|ss|ca|pa)|dop_v1|doo_v1|lin_api|sntrys|pplx|gsk|xai|r8|nvapi|secret|tskey)[-_](?=[\w-]{0,60}\d)[A-Za-z0-9_-]{20,}",
    r"(?:glpat|gldt|glrt|xox[ceors]|xapp|pypi|GOCSPX|ATATT|figd|tvly)-(?=[\w-]{0,60}\d)[\w-]{16,}",
    r"AIza[\w-]{30,}",
    r"ya29\.[\w-]{20,}",  # Google
    r"(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # AWS
    r"SG\.[\w-]{16,32}\.[\w-]{16,64}",  # SendGrid
    r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}\b",  # Discord
    r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{15,22}/[\w-]{30,}",
    r"hooks\.slack\.com/services/T\w{6,14}/B\w{6,14}/\w{16,}",
    r"(?i:bearer\s+)[\w.~+/-]{16,}",
    r"PuTTY-User-Key-File-\d",
    r"AGE-SECRET-KEY-1[A-Z0-9]{40,}",
    r"A3(?:-[A-Z0-9]{5,6}){4,6}\b",  # 1Password
    r"(?:AC|SK)[0-9a-f]{32}\b",  # Twilio
    r"(?:[0-9a-f]{32}-us\d{1,2}|key-[0-9a-f]{32})\b",  # Mailchimp, Mailgun
    r"(?:sq0(?:csp|atp|idp)-|EAACEdEose0cBA|GR1348941|PMAK-|AQVN|LTAI|hv[sb]\.|dp\.(?:pt|st|ct|sa)\.|api_org_)(?=[\w-]{0,60}\d)[\w-]{16,}",
    r"gl(?:agent|cbt|ft|imt|oas|ptt|soat|ffct)-(?=[\w-]{0,60}\d)[\w-]{16,}",  # GitLab
    r"[\w~.]{3}\dQ~[\w~.-]{30,34}",  # Microsoft Entra
    r"(?i:(?:AccountKey|SharedAccessKey|StorageKey)\s?=\s?)[A-Za-z0-9+/]{32,}",  # Microsoft Azure
    r"(?i:(?:x-amz-signature|sig)=)(?=[^\s&\d]{0,60}\d)[\w%+/=-]{40,}",
    r"(?i:otpauth://)[^\s?]{1,200}\?(?:[^\s&]{1,100}&){0,5}secret=",
    r"WIFI:(?:[A-OQ-Z]:[^;\n]{0,64};){0,4}P:[^;\s]{4,}",
    r"(?i:authorization[\"']?\s?[:=]\s?[\"']?basic\s+)[A-Za-z0-9+/]{8,}",
    r"[xyz]prv[1-9A-HJ-NP-Za-km-z]{100,}",
)
_OTHER_PATTERNS = (
    r"(?<![\w:])\d{8,10}:AA[\w-]{30,40}(?![\w-])",  # Telegram
    r"(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}",  # JSON Web Tokens, signed or not
    r"-{3,5}\s?BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY\b",
    r"(?i:[?&;](?:x-(?:amz|goog)-signature|sig|signature|(?:access_?|auth_?|refresh_?|id_?)?token|api_?key|key|secret|client_secret)=)"
    r"(?=[^\s&\d]{0,60}\d)[\w%+/.~=-]{16,}",
    # Wallet keys, but not hashes of transactions or blocks.
    r"(?i:(?<![\w/])(?<!tx )(?<!tx: )(?<!hash )(?<!hash: )(?<!tion )(?<!tion: )(?<!block )(?<!block: )0x)[0-9a-fA-F]{64}\b",
    r"(?<!\w)[5KL](?=[A-Za-z]{0,50}\d)[1-9A-HJ-NP-Za-km-z]{50,51}(?!\w)",
)
# Excludes placeholders for a password, as in manuals, and names of algorithms.
_NO_PLACEHOLDER = (
    r"(?!(?i:https?://|pass(?:word|wort|wd)?\b|p[a@]ss?w[o0]rd|secret\b|example|[<{\[(*•.…$%]|x{3,}|(?:rsa|aes|sha|ecc|ecdsa|ed)-?\d"
    r"|\d{1,3}-?(?:\W|char|zeich|stell|caract|car[aá]ct|signos|digit|letter|buchst)))"
)
# Letters with digits or symbols, inner capitals, or only digits: "hunter2", "CorrectHorse", "123456"; not "required".
_VALUE = (
    r"(?:(?=[^\s\"'`]{0,60}[A-Za-z])(?=[^\s\"'`]{0,60}(?:\d|[a-z][A-Z]|[#$%&+=@^~!?*][^\s\"'`]))[^\s\"'`]{6,128}"
    r"|\d{6,32}(?![\w-]))"
)
# With weaker context, letters and digits mixed: "hunter2", not "COVID19" or "step-2".
_MIXED = r"(?=\w{0,60}[a-z])(?=\w{0,60}(?:[A-Za-z]\d[A-Za-z]|[a-z]{3}\d))[\w#$%&@!?*+=.]{7,128}(?!-)"
# After only a space, more of them: "Tr0ub4dor3", "Katze123", not "Windows11" or "e2e".
_STRONG = r"(?=[^\W\d]{0,60}+\d[^\W\d]{0,60}+\d)(?:(?=\w{0,60}[A-Za-z]\d[A-Za-z])|(?=[A-Za-z]{4,60}\d{3}))[\w#$%&@!?*+=.]{8,128}(?!-)"
# Machine-generated strings.
_GENERATED = (
    r"(?=[^\W\d]{0,60}+\d[^\W\d]{0,60}+\d)"
    r"(?=[\w./+=-]{0,60}(?:[A-Za-z]\d[A-Za-z]|\d[A-Za-z]\d))[\w./+=-]{12,512}"
)
_WORDS = (
    r"pass(?:word|wort|wd|phrase|code)|kennwort|zugangs(?:code|passwort)|(?:wlan|wifi|netzwerk)[ -]?(?:schl(?:ü|u\u0308|ue)ssel|key)"
    r"|mot\s?de\s?passe|mdp|code\sd['’]acc(?:è|e\u0300)s|contrase(?:ñ|n|n\u0303)a|clave\sde\sacceso|c(?:ó|o|o\u0301)digo\sde\sacces{1,2}o"
    r"|senha|palavra-passe|pwd?"
)
_KEYS = (
    r"api[ _-]?key|api[ _-]?token|secret[ _-]?key(?:_\w{1,20})?|secret[ _-]?access[ _-]?key|access[ _-]?token|auth[ _-]?token"
    r"|client[ _-]?secret|private[ _-]?key|encryption[ _-]?key"
)
# What the password is for: "for the portal", "du wifi", "(guests)".
_OWNER = (
    r"(?:\s?\([^()\n]{1,30}\)|\s(?:wi-?fi|wlan)|\s(?:for|of|to|für|fürs|zum|vom|im|des|de|du|del|do|da|para|pour)"
    r"(?:\s[\w.@-]{1,30}){1,3}?)?"
)
_SEPARATOR = r"(?:\s{0,3}[:=|;→⇒]|>(?!@)|\s(?:–|—|is|ist|lautet|est|es|é|eh)(?::|\s))"
_MARKS = r"[\"'`*_]{0,3}"
_NAMED = re.compile(
    rf"(?i:(?<![^\W_])(?=[a-z])(?:{_WORDS}|{_KEYS}){_MARKS})(?:"
    rf"(?i:{_OWNER}{_SEPARATOR}\s{{0,3}}[\"'`]?){_NO_PLACEHOLDER}{_VALUE}"
    rf"|[ \t]{{1,3}}{_MARKS}{_NO_PLACEHOLDER}{_STRONG}"
    # On two lines, with only the value on the second.
    rf"|:?{_MARKS}[ \t]{{0,3}}\n{{1,2}}[ \t]{{0,3}}{_MARKS}{_NO_PLACEHOLDER}{_MIXED}{_MARKS}[ \t]{{0,3}}(?:\n|\Z))"
)
# Words with other meanings too.
_AMBIGUOUSLY_NAMED = re.compile(
    rf"(?i:(?<![^\W_])(?=[a-z2])clave{_MARKS}\s{{0,3}}(?:[:=]|es|é|is)\s{{1,3}}){_NO_PLACEHOLDER}{_MIXED}"
    rf"|(?i:(?:^|[\n,;/|{{(\"'])[ \t]{{0,8}}pass{_MARKS}[ \t]?[:=]\s{{0,3}}{_MARKS}){_NO_PLACEHOLDER}{_MIXED}"
    rf"|(?i:(?<![^\W_])(?=[a-z2])(?:token|secret|access[ _-]?key|(?:recovery|backup)[ _-]?codes?|jeton|geheimnis|secreto|segredo"
    rf"|2fa|totp){_MARKS}\s{{0,2}}[:=]\s{{0,3}}{_MARKS})"
    rf"{_NO_PLACEHOLDER}{_GENERATED}"
    r"|(?i:(?<![^\W_])(?:2fa|totp|otp(?:auth)?)(?:[ _-](?:secret|key|seed))?\s{0,2}[:=]\s{0,3})[A-Z2-7]{16,64}(?!\w)"
)
_USER_WORDS = (
    r"log-?in|user(?:[ _-]?(?:name|id))?|account|uid|benutzer(?:name)?|nutzer(?:name)?|zugang(?:sdaten)?|anmeldedaten|credentials?"
    r"|usuario|usuário|utilisateur|identifiants?|acceso|acesso|accès"
)
# A user name with its password: "login: ada / Tr0ub4dor3", "user ada pass Tr0ub4dor3".
_PAIR = re.compile(
    rf"(?i:(?<![^\W_])(?=[a-z])(?:{_USER_WORDS}){_MARKS}\s{{0,2}}[:=]\s{{0,3}}[\w.@+-]{{1,64}}+\s{{0,2}}[/|,;:]\s{{0,2}}){_NO_PLACEHOLDER}{_MIXED}"
    rf"|(?i:(?<![^\W_])(?:{_USER_WORDS})[:=\s]{{1,3}}[\w.@+-]{{1,64}}+[\s,;/|]{{1,3}}(?:{_WORDS}|pass)[:=\s]{{1,3}}){_NO_PLACEHOLDER}{_MIXED}"
)
# Command line arguments and connection strings.
_COMMAND_LINE = re.compile(
    rf"(?i:[;&?]\s?(?:password|passwd|pwd)\s?=\s?){_NO_PLACEHOLDER}[^;&\s\"']{{4,128}}"
    rf"|(?i:\s--?(?:password|passwd|token|api-key|secret)[ =][\"']?){_NO_PLACEHOLDER}{_VALUE}"
    rf"|(?i:\bsshpass\s-p\s?|\bmysql\b[^\n]{{0,60}}\s-p){_NO_PLACEHOLDER}{_VALUE}"
    rf"|(?i:\bcurl\b[^\n]{{0,80}}\s(?:-u|--user)[ =][\"']?)[^\s:]{{1,64}}:{_NO_PLACEHOLDER}[^\s\"']{{3,128}}"
)
_ADDRESS = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@]{0,64}:" + _NO_PLACEHOLDER + r"[^\s/@]{1,128}@[\w.\[-]"
)
# Named seed phrases of wallets: twelve or more words as in such lists, none of which is "the" or "your".
_SEED = re.compile(
    r"(?i:(?<![^\W_])(?=[a-z])(?:seed[ -]?(?:phrase|words?)?|(?:secret )?recovery[ -]?(?:phrase|words?)"
    r"|mnemonic(?:[ -]?(?:phrase|words?))?|wiederherstellungsphrase"
    r"|frase[ -](?:semilla|semente|de recupera(?:ción|ção))|phrase (?:secrète|de récupération))[\"'`*_]{0,3}"
    r"\s{0,2}(?:[:=]|is|ist|lautet|est|es|é)[\s\"'`\[]{1,4})"
    r"(?:[\s\d.,;)\"'\-]{0,6}(?i:(?!(?:the|and|for|with|your|are|has|from|our|der|die|das|und|que|los|les|des)\b)[^\W\d_]{3,10}+)(?!\w)){12}"
)

# A run of characters typical of keys.
_OPAQUE = re.compile(r"[A-Za-z0-9_+=-]{16,}")
# The common prefix condition is tested first, as most of a text fails it.
_TOKEN = re.compile(rf"\b(?=[A-Za-z0-9~.])(?:{'|'.join(_WORD_START_PATTERNS)})")
_OTHER_TOKEN = re.compile("|".join(_OTHER_PATTERNS))
_ALL = (_TOKEN, _OTHER_TOKEN, _NAMED, _AMBIGUOUSLY_NAMED, _PAIR, _COMMAND_LINE, _ADDRESS, _SEED)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


def holds_secret(text: str) -> bool:
    """Return whether a text contains a credential, even in full-width letters or with invisible characters."""
    if _has_match(text):
        return True
    plain = text if text.isascii() else unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return plain != text and _has_match(plain)


def _has_match(text: str) -> bool:
    return any(one.search(text) for one in _ALL)


def mask_credentials(text: str) -> str:
    """Return the text with all credentials masked."""
    for one in _ALL:
        text = one.sub("•••", text)
    return text


def mask_setting(value: str) -> str:
    """Return a setting safe to display: without passwords in addresses, query values and anything that could be a
    misplaced key.
    """
    value = re.sub(r"(?<![^\s/@])[^\s/@]+@", "•••@", value)
    value = re.sub(r"([?&][^=&?\s]*=)[^&\s]+", r"\1•••", value)
    return _OPAQUE.sub(lambda found: "•••" if _is_opaque(found[0]) else found[0], mask_credentials(value))


def _is_opaque(word: str) -> bool:
    """Return whether a word looks generated: it mixes letters with digits, or lower with upper case."""
    digits, letters = sum(map(str.isdigit, word)), sum(map(str.isalpha, word))
    cases = any(map(str.islower, word)) and any(map(str.isupper, word))
    return (digits >= 2 and letters >= 2) or (cases and len(word) >= 20)
