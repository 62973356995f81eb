"""What a brief of any kind says of what the profile knows: its link, its call to action, its name. Data, in five languages."""

from __future__ import annotations

_NO = "(no|not|without|don't|dont|never|skip|leave out|ohne|kein*|nicht|sin|ningún*|ningun*|sans|pas de|pas d'|aucun*|sem|nenhum*)"
_LINK = (
    "(link|links|url|urls|website|websites|web site|web seite|webseite|enlace|enlaces|sitio web|página web|lien|liens|site|site web"
    "|site internet|endereço)"
)
_CALL = (
    "(call to action|calls to action|cta|ctas|handlungsaufforderung|llamada a la acción|llamadas a la acción|appel à l'action"
    "|appels à l'action|chamada para ação|chamada para a ação|chamada à ação)"
)
_WITH = "(with|add|include|including|plus|and|end with|end on|mit|samt|und|con|y|añade|incluye|avec|et|ajoute|ajoutez|com|e|inclua)"
_OUR = "(|the |our |a |my |dem |einem |unserem |el |un |nuestro |le |notre |o |um |nosso )"
_NAME = "(name|names|company|organisation|organization|namen|nombre|nom|nome)"
_NOT = "(not|nicht|no debe|ne doit pas|não deve)"
# Each thing by the forms that say it (phrases.py).
WANTS = {
    "link": f"{_WITH} {_OUR}{_LINK}",
    "no call": f"{_NO} … {_LINK}|{_NO} … {_CALL}",
    "no name": f"{_NO} … {_NAME}|{_NAME} … {_NOT}|none of (them|these|the lines) … {_NAME}",
}
