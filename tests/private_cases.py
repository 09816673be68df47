"""A labelled set for finding private data: what must be found, and what looks like it and is none.

Everything is made up. Numbers are published examples (test cards, IBANs of the registry, telephone numbers for
documentation) or arithmetic on them; keys are put together from parts, so that no scanner takes them for real.
"""

import random
import string
from typing import NamedTuple

from tunegate.core.data_settings import PrivateKind


class Positive(NamedTuple):
    """`text` holds `item`, of this kind; `region` is what `prepare.private.region` would be."""

    kind: PrivateKind
    item: str
    text: str
    region: str | None = None


class Negative(NamedTuple):
    """`text` holds nothing private."""

    text: str
    region: str | None = None


ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def fake(prefix: str, length: int, alphabet: str = ALNUM) -> str:
    """A key of a known form; the same each time."""
    draw = random.Random(f"{prefix}{length}")  # noqa: S311 - not a real key
    return prefix + "".join(draw.choice(alphabet) for _ in range(length))


def inside(kind: PrivateKind, item: str, frame: str, region: str | None = None) -> Positive:
    """`item` where `frame` has its braces."""
    return Positive(kind, item, frame.replace("{}", item), region)


def _emails() -> list[Positive]:
    return [
        inside("email", "anna.muster@firma-muster.de", "Please write to {} by Friday."),
        inside("email", "j.doe+news@mail.muster-corp.co.uk", "I signed up as {}, but nothing came."),
        inside("email", "O'Brien99@muster-mail.ie", "Contact: {}."),
        inside("email", "support_team@muster-shop.com", "<a href='mailto:{}'>mail us</a>"),
        inside("email", "max@müller-und-söhne.de", "Antwort an {} bitte"),
        inside("email", "x@muster-q.io", "({})"),
        inside("email", "first.last@dept.muster-uni.edu", 'From: "First Last" <{}>'),
        inside("email", "UPPER.CASE@MUSTER-MAIL.COM", "Mail {}!"),
        inside("email", "li@muster-mail.cn", "请联系{}谢谢"),
        inside("email", "a1b2@xn--mller-kva-muster.com", "idn: {}"),
        inside("email", "billing@muster-mail.photography", "email={}&page=2"),
        inside("email", "tom@muster-mail.com", '{"user": "{}", "age": 5}'),
        inside("email", "tom.b@muster-mail.com", "Is it tom.a or {}? I forgot"),
    ]


def _phones() -> list[Positive]:
    return [
        inside("phone", "+1 202 555 0143", "Call {} after six."),
        inside("phone", "+1-202-555-0143", "Phone: {}"),
        inside("phone", "+12025550143", "my number is {}, thanks"),
        inside("phone", "+1 (202) 555-0143", "reach me at {}."),
        inside("phone", "+44 20 7946 0958", "London office {}"),
        inside("phone", "+44 (0)20 7946 0958", "Tel. {}"),
        inside("phone", "+49 30 23125 000", "Rufen Sie {} an"),
        inside("phone", "+49 (0)30 23125-000", "Zentrale: {}"),
        inside("phone", "+49\u00a030\u00a023125\u00a0000", "Zentrale {}"),
        inside("phone", "+61 491 570 006", "WhatsApp {} ok?"),
        inside("phone", "+81 3-1234-5678", "東京オフィス {}"),
        inside("phone", "+91 98765 43210", "Contact us on {} today"),
        inside("phone", "+41 44 668 18 00", "({})"),
        inside("phone", "+7 495 123-45-67", "Телефон: {}."),
        inside("phone", "+33 1 99 00 12 34", '{"tel":"{}"}'),
        inside("phone", "(202) 555-0143", "Call me at {} please", "US"),
        inside("phone", "202-555-0143", "I live at no 5, {}", "US"),
        inside("phone", "202.555.0143", "fax {}", "US"),
        inside("phone", "1-202-555-0143", "toll: {}", "US"),
        inside("phone", "2025550143", "my phone number is {}", "US"),
        inside("phone", "030 23125 000", "Bitte {} anrufen", "DE"),
        inside("phone", "030/23125000", "Büro {}", "DE"),
        inside("phone", "03023125000", "Telefon: {}", "DE"),
        inside("phone", "0049 30 23125 000", "aus dem Ausland {}", "DE"),
        inside("phone", "01 99 00 12 34", "appelez le {}", "FR"),
        inside("phone", "0491 570 006", "text {} when there", "AU"),
        inside("phone", "(02) 5550 1234", "Sydney {}", "AU"),
        inside("phone", "020 7946 0958", "ring {}, ask for Tim", "GB"),
    ]


def _money() -> list[Positive]:
    return [
        inside("iban", "DE89 3704 0044 0532 0130 00", "Überweisen Sie auf {} bis morgen"),
        inside("iban", "DE89370400440532013000", "IBAN:{}"),
        inside("iban", "DE89 3704 0044 0532 0130 00", "IBAN {} BIC COBADEFFXXX"),
        inside("iban", "GB82 WEST 1234 5698 7654 32", "Pay into {}."),
        inside("iban", "GB82WEST12345698765432", "account {}, sort it"),
        inside("iban", "FR1420041010050500013M02606", "Mon IBAN est {}"),
        inside("iban", "NL91ABNA0417164300", "rekening {} graag"),
        inside("iban", "CH93-0076-2011-6238-5295-7", "Konto {}"),
        inside("iban", "MT84MALT011000012345MTLCAST001S", "Malta: {}"),
        inside("iban", "NO9386011117947", "konto {}"),
        inside("iban", "BE68 5390 0754 7034", "mijn rekening is {} dank u"),
        inside("iban", "de89370400440532013000", "my iban is {} ok"),
        inside("iban", "ES91 2100 0418 4502 0005 1332", '{"iban": "{}"}'),
        inside("card", "4111 1111 1111 1111", "My card {} was charged twice"),
        inside("card", "4111111111111111", "card number {}."),
        inside("card", "4111-1111-1111-1111", "Visa {} exp 12/29"),
        inside("card", "5555 5555 5555 4444", "Mastercard: {}"),
        inside("card", "2223003122003222", "mc {} declined"),
        inside("card", "3782 822463 10005", "Amex {}"),
        inside("card", "378282246310005", "amex: {}, cvv later"),
        inside("card", "6011111111111117", "Discover {}"),
        inside("card", "3530 1113 3330 0000", "JCB {}"),
        inside("card", "3056 930902 5904", "Diners {}"),
        inside("card", "4222222222222", "old Visa {}"),
        inside("card", "6200000000000005", "UnionPay {}"),
        inside("card", "4012\u00a08888\u00a08888\u00a01881", "Karte {}"),
        inside("card", "4012888888881881", "卡号{}谢谢"),
    ]


def _addresses() -> list[Positive]:
    return [
        inside("ip", "93.184.216.34", "Login from {} at night"),
        inside("ip", "93.184.216.34", "ssh root@{} -p 22"),
        inside("ip", "93.184.216.34", "http://{}:8080/index.html"),
        inside("ip", "81.2.69.142", "Client IP={}; ok"),
        inside("ip", "81.2.69.142", '{} - - [10/Oct/2020:13:55:36] "GET / HTTP/1.1" 200'),
        inside("ip", "81.2.69.142", '"client_ip": "{}",'),
        inside("ip", "2606:2800:220:1:248:1893:25c8:1946", "ping {} works"),
        inside("ip", "2a00:1450:4001:82a::200e", "from [{}]:443"),
        inside("ip", "2A00:1450:4001::5", "host {}."),
    ]


def _tokens() -> list[Positive]:
    jwt = ".".join(("ey" + "JhbGciOiJIUzI1NiJ9", "ey" + "JzdWIiOiJtdXN0ZXIifQ", fake("", 43)))
    items = [
        fake("AK" + "IA", 16, string.ascii_uppercase + "234567"),
        fake("AS" + "IA", 16, string.ascii_uppercase + "234567"),
        fake("gh" + "p_", 36),
        fake("gh" + "s_", 36),
        fake("github" + "_pat_", 82, ALNUM + "_"),
        fake("glp" + "at-", 20),
        fake("xo" + "xb-2938475610-", 24),
        fake("sk" + "_live_", 24),
        fake("rk" + "_live_", 24),
        fake("s" + "k-", 48),
        fake("s" + "k-proj-", 80, ALNUM + "_-"),
        fake("s" + "k-ant-api03-", 93, ALNUM + "_-"),
        fake("AI" + "za", 35, ALNUM + "_-"),
        fake("h" + "f_", 34),
        fake("np" + "m_", 36),
        fake("py" + "pi-AgEIcHlwaS5vcmc", 60),
        fake("S" + "G.", 22) + "." + fake("", 43),
        fake("dop" + "_v1_", 64, HEX),
        fake("da" + "pi", 32, HEX),
        fake("hv" + "s.", 24),
        fake("gs" + "k_", 52),
        fake("38172946:A" + "A", 33),
        "https://hooks.sl" + "ack.com/services/T0MUSTER0/B0MUSTER0/" + fake("", 24),
        jwt,
    ]
    frames = ("Use {} here", "export KEY={}\n", '"key": "{}",', "it is {}.")
    return [inside("secret", item, frames[at % len(frames)]) for at, item in enumerate(items)]


def _assigned() -> list[Positive]:
    block = "\n".join(
        ("-----BEGIN RSA PRIV" + "ATE KEY-----", fake("MII", 61), fake("k", 63), "-----END RSA PRIV" + "ATE KEY-----")
    )
    return [
        inside("secret", block, "my key:\n{}\nplease check"),
        inside("secret", block.replace("\n", "\\n"), '{"private_key": "{}"}'),
        inside("secret", "Tr0ub4dor&3x", "password = '{}'"),
        inside("secret", "Sommer!2931", "Mein Passwort: {}"),
        inside("secret", "gr8tFunk9z", "my password is {} and it fails"),
        inside("secret", fake("", 32, HEX), 'API_KEY: "{}"'),
        inside("secret", fake("w", 40), "aws_secret_access_key = {}"),
        inside("secret", fake("t", 24), "curl -H 'Authorization: Bearer {}'"),
        inside("secret", "bXVzdGVyOmdlaGVpbTkzMQ==", "Authorization: Basic {}"),
        inside("secret", "admin:Kq83-vbn2", "postgres://{}@db.muster-corp.com:5432/app"),
        inside("secret", fake("c", 30), "client_secret={}&grant_type=x"),
        inside("secret", fake("", 36, HEX), "'auth_token' => '{}'"),
        inside("secret", "9fKs82-xPq71_Lm", "DB_PASSWORD={}\nDB_HOST=db"),
        inside("secret", fake("z", 28), "const secretKey = `{}`;"),
    ]


POSITIVES = [*_emails(), *_phones(), *_money(), *_addresses(), *_tokens(), *_assigned()]

_PLAIN = """
Please see user@example.com for the format of an address.
Write to admin@mail.example.org or root@host.test in the tests.
The decorator @app.route("/users") comes first.
git clone git@github.com:muster/project.git
Use npm install react@18.2.0-beta.1 today.
logo@2x.png and logo@3x.jpg are for retina screens.
@Override public void run() { return; }
Follow @muster_handle on the social site.
5 apples @ 3 dollars = 15 dollars
Meet @ 5pm. See you @home.
scp file.txt deploy@server:/var/www
price@store is no address
https://muster-user@bitbucket.org/team/repo.git
lim f(x) @ x=0.5
The year 2024 had 366 days.
2024-01-15 10:30:45.123456
15.01.2024, 10.30 Uhr
Date: 01/15/2024 to 02/28/2025
2024-01-15T10:30:45+00:00
It costs $1,234,567.89 in total.
pi = 3.14159265358979323846
The population is 1 234 567 890.
order number 1234567890123
Order #4111111111111112 was shipped
Tracking number 9400110200881234567890
tracking 1Z9999999999999999
Invoice 2024-000123456789
ISBN 978-3-16-148410-0
ISBN-10: 0-306-40615-2
EAN 4006381333931
IMEI 490154203237518
VIN 1HGBH41JXMN109186
Unix time 1700000000, in ms 1700000000000, in us 1700000000000000
1700000000000000000 ns
Part no. 5500-0000-0000-0005
Card 4111 1111 1111 1112 has a wrong digit
4111111111111111111111111 is too long
0.4111111111111111
4111111111111111.5
12.34111111111111111e5
1234 5678 9012 3456
9999-9999-9999-9999
0000 0000 0000 0000
1111111111111111
411111111111
call 4111 1111 11
4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
4111 111111111 111
550e8400-e29b-41d4-a716-446655440000
id: 4111e840-1111-4111-8111-446655440000
00000000-0000-0000-0000-000000000000
d41d8cd98f00b204e9800998ecf8427e
da39a3ee5e6b4b0d3255bfef95601890afd80709
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
commit 1a410efbd13591db07496601ebc7a059dd55cfa9
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
SGVsbG8sIHdvcmxkISBUaGlzIGlzIG5vdGhpbmc=
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"
DE88 3704 0044 0532 0130 00
GB83WEST12345698765432
FR1420041010050500013M02607
NL91ABNA0417164301
DE89 3704 0044 0532 0130
DE8937040044053201300012
ZZ89370400440532013000
XX12 3456 7890 1234 5678
Flight LH1234 and AB12 3456 leave at 9.
US64SVBKUS6S3300958879
postal code SW1A 1AA, NL 1234 AB
Model BE68-5390-0754
version 1.2.3.4
Chrome/91.0.44.124 Safari/537.36
release 10.20.30.40 is out
v10.20.30.40
pip install muster==10.20.30.40
firmware: 4.15.16.23
section 1.2.3.4 says so
1.1.1.1.2 Introduction
OID 1.3.6.1.4.1.311.21
oid 2.5.29.37
127.0.0.1:8000
bind to 0.0.0.0
router at 192.168.0.1
10.0.0.12 and 172.16.4.9
169.254.1.1
netmask 255.255.255.0
multicast 224.0.0.251
192.0.2.10, 198.51.100.7 and 203.0.113.9
use DNS 8.8.8.8 or 1.1.1.1
300.184.216.34
93.184.216
093.184.216.034
jar muster-10.20.30.40.jar
2001:db8::1
fe80::1 and ::1
fd12:3456:789a::1
ff02::fb
10:30:45 and 23:59:59
00:1A:2B:3C:4D:5E
std::vector<int> a; dead::beef
a::b::c
2023:10:15 12:00
ratio 16:9, 4:3, 1:2:3:4
sk-learn-pipeline-element
.sk-toggleable__content-arrow { color: red }
sk-estimator-doc-link-fitted-hover
task-1234567890abcdefghij
risk-assessment-for-the-year-2024
hf_hub_download(repo_id, filename)
hf_transfer_enabled_by_default_now
AKIA is the prefix of a key id
AKIAIOSFODNN7EXAMPLE
gh auth login; ghp_ is the prefix
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
eyJ is how JSON begins in base64
-----BEGIN PUBLIC KEY-----
The header -----BEGIN RSA PRIVATE KEY----- marks a key.
-----BEGIN CERTIFICATE-----
password = "your_password_here"
password: ********
password=<password>
PASSWORD=${DB_PASSWORD}
password = os.environ["PASSWORD1"]
password = getpass.getpass()
The password is incorrect.
Your password must contain 8 characters and 1 digit.
password: string, required
def login(username: str, password: str) -> bool:
I forgot my password yesterday at 10:30.
password = hash_password(password1)
if password == confirm_password2:
password=password123
api_key = "YOUR_API_KEY_12345"
api_key = "sk-..."
api_key=None
api_key = config.api.key1
openai.api_key = os.getenv("OPENAI_API_KEY")
export API_KEY="xxxxxxxxxxxxxxxxxxxx1"
token = tokenizer.convert_ids_to_tokens(5)
max_token: 4096
token: str = Depends(oauth2_scheme)
the token is a word piece
secret: the ingredient is vanilla
Secret Santa: 2024-12-24 at 18:00
client_secret = "<client-secret-1>"
Authorization: Bearer YOUR_ACCESS_TOKEN_123
Authorization: Bearer <token>
Authorization: Basic understanding of the matter
a basic introduction to networks
the bearer understands responsibilities2
https://user:password@example.com/path
postgres://user:pass@localhost/db
mysql://${USER}:${PASS}@db/app
http://localhost:8080/@scope/package
key: value, key2: value2
primary_key: 1a2b3c4d5e6f7a8b9c0d
cache_key = "a8f5f167f44f4964e6c998dee827110c"
Natalia sold 48/2 = <<48/2=24>>24 clips in May. #### 72
She has 5*1000=<<5*1000=5000>>5000 + 2500 = 7500 dollars
12345678 + 87654321 = 99999999
1000000000000000 * 2 = 2000000000000000
1 2 3 4 5 6 7 8 9 10 11 12 13
[1234567, 7654321, 1111111]
x = 1+4930231250001
a +123456789 is a sum
+1 +2 +3 +4 +5 +6 +7 +8 +9
C++11 and C++17
I give it +100 000 000 points
5+ years, 10+ people, 1000000+ users
E = 1.60217663e-19
+0.123456789012
lat 52.5200066, lon 13.404954
40.712776, -74.005974
room 202-555
The score was 21-15, 19-21, 21-18.
+44 7700
WhatsApp me on +99 999 999 9999
[EMAIL] [PHONE] [IBAN] [CARD] [IP] [SECRET]
"""

_REGIONAL = {
    "US": (
        "order 2025550143 is late",
        "SSN 123-45-6789",
        "1 2 3 4 5 6 7 8 9 10",
        "2024-01-15 10:30",
        "100-200-3000",
        "ZIP 20500-0003",
        "3.1415926535",
        "$202,555,014.30",
        "12/25/2024 10 20",
        "item 202555014",
        "2025550143 units",
        "numbers: 415, 212, 5551212",
    ),
    "DE": (
        "Rechnung 03023125000 vom Mai",
        "15.01.2024 10:30",
        "PLZ 10115 Berlin",
        "ISBN 978-3-16-148410-0",
        "0,123456789 Euro",
        "1.234.567,89 Euro",
        "Aktenzeichen 12 345/67 890",
    ),
    "GB": ("0.2079460958", "NHS 943 476 5919", "20/07/1946 09:58"),
    "FR": ("1 234 567,89 euros", "le 15/01/2024 à 10:30", "SIRET 732 829 320 00074"),
}

NEGATIVES = [
    *(Negative(line) for line in _PLAIN.strip().split("\n")),
    *(Negative(line, region) for region, lines in _REGIONAL.items() for line in lines),
]
