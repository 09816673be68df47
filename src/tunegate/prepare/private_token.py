"""The forms of keys and tokens that tell themselves: a marker that few other texts hold, and the form around it.

A marker is looked for first, as a plain string, so that a text without any costs next to nothing.
"""

import re
from typing import NamedTuple


class Token(NamedTuple):
    """`form` is searched for where a text holds `marker`. `mixed`: it must also have a long run of letters and digits,
    since words joined by hyphens have the same form.
    """

    marker: str
    form: re.Pattern[str]
    mixed: bool = False


def _token(marker: str, form: str, *, mixed: bool = False) -> Token:
    # Not inside a longer word, nor at the side of another finding's mask.
    return Token(marker, re.compile(rf"(?<![\]A-Za-z0-9_-])(?:{form})(?![A-Za-z0-9_\[])"), mixed)


_WORD, _HEX, _URL = "[A-Za-z0-9]", "[A-Fa-f0-9]", "[A-Za-z0-9_-]"

TOKENS = (
    # clouds
    _token("AKIA", r"AKIA[A-Z2-7]{16}"),  # AWS, and the next two
    _token("ASIA", r"ASIA[A-Z2-7]{16}"),
    _token("ABIA", r"ABIA[A-Z2-7]{16}"),
    _token("AIza", rf"AIza{_URL}{{35}}"),  # Google
    _token("ya29.", rf"ya29\.{_URL}{{20,512}}"),
    _token("GOCSPX-", rf"GOCSPX-{_URL}{{28}}"),
    _token("AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),  # Azure
    _token("_v1_", rf"do[oprt]_v1_{_HEX}{{64}}"),  # DigitalOcean
    _token("dapi", rf"dapi{_HEX}{{32}}(?:-[0-9])?"),  # Databricks
    _token("hvs.", rf"hvs\.{_URL}{{24,256}}"),  # HashiCorp Vault
    _token(".atlasv1.", rf"{_WORD}{{14}}\.atlasv1\.{_URL}{{60,70}}"),
    _token("dp.pt.", rf"dp\.pt\.{_WORD}{{40,44}}"),  # Doppler
    # code and packages
    _token("ghp_", rf"ghp_{_WORD}{{36,255}}"),  # GitHub
    _token("gho_", rf"gho_{_WORD}{{36,255}}"),
    _token("ghu_", rf"ghu_{_WORD}{{36,255}}"),
    _token("ghs_", rf"ghs_{_WORD}{{36,255}}"),
    _token("ghr_", rf"ghr_{_WORD}{{36,255}}"),
    _token("github_pat_", r"github_pat_[A-Za-z0-9_]{50,255}"),
    _token("glpat-", rf"glpat-{_URL}{{20,64}}(?:\.[A-Za-z0-9.]{{1,64}})?"),  # GitLab
    _token("npm_", rf"npm_{_WORD}{{36}}"),
    _token("pypi-", rf"pypi-AgE{_URL}{{50,512}}"),
    _token("dckr_pat_", rf"dckr_pat_{_URL}{{24,64}}"),  # Docker
    _token("ATATT3", rf"ATATT3{_URL}{{50,256}}(?:=[A-F0-9]{{8}})?"),  # Atlassian
    _token("PMAK-", rf"PMAK-{_HEX}{{24}}-{_HEX}{{34}}"),  # Postman
    _token("NRAK-", r"NRAK-[A-Z0-9]{27}"),  # New Relic
    _token("glsa_", rf"glsa_{_WORD}{{32}}_{_HEX}{{8}}"),  # Grafana
    _token("sntrys_", rf"sntrys_{_WORD}{{50,255}}"),  # Sentry
    _token("lin_api_", rf"lin_api_{_WORD}{{40}}"),  # Linear
    _token("figd_", rf"figd_{_URL}{{40,64}}"),  # Figma
    _token("ntn_", rf"ntn_{_WORD}{{40,60}}"),  # Notion
    # models
    _token("sk-", rf"sk-{_URL}{{20,256}}", mixed=True),  # OpenAI, Anthropic, OpenRouter and others
    _token("hf_", rf"hf_{_WORD}{{34}}"),  # Hugging Face
    _token("gsk_", rf"gsk_{_WORD}{{40,64}}"),  # Groq
    _token("xai-", rf"xai-{_WORD}{{60,100}}"),
    _token("r8_", rf"r8_{_WORD}{{37}}"),  # Replicate
    _token("pplx-", rf"pplx-{_WORD}{{40,64}}"),  # Perplexity
    # messages and money
    _token("xox", rf"xox[abeoprs]-{_URL}{{15,256}}", mixed=True),  # Slack
    _token("xapp-", rf"xapp-{_URL}{{20,256}}", mixed=True),
    _token("hooks.slack.com", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,128}"),
    _token("/api/webhooks/", rf"https://discord(?:app)?\.com/api/webhooks/[0-9]{{17,20}}/{_URL}{{60,80}}"),
    _token(":AA", rf"[0-9]{{8,10}}:AA{_URL}{{32,33}}"),  # Telegram
    _token("SG.", rf"SG\.{_URL}{{22}}\.{_URL}{{43}}"),  # SendGrid
    _token("key-", rf"key-{_HEX}{{32}}"),  # Mailgun
    _token("k_live_", rf"[sr]k_live_{_WORD}{{16,128}}"),  # Stripe
    _token("k_test_", rf"[sr]k_test_{_WORD}{{16,128}}"),
    _token("whsec_", r"whsec_[A-Za-z0-9+/]{32,64}={0,2}"),
    _token("shp", rf"shp(?:at|ca|pa|ss)_{_HEX}{{32}}"),  # Shopify
    _token("sq0", rf"sq0(?:atp|csp)-{_URL}{{22,43}}"),  # Square
    # anybody's
    _token("eyJ", rf"eyJ{_URL}{{10,2000}}\.eyJ{_URL}{{10,8000}}\.{_URL}{{16,1024}}"),  # JSON Web Token
    _token("AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
)
