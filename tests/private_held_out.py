"""A second labelled set, written after the detectors were done on the first one, to see how they do on what is new.

The decision note states what came of the first run, before anything was changed for it. What is still wrong after the
changes stands in MISSED and FALSE, so that nobody takes it for right.
"""

import string

from private_cases import ALNUM, HEX, Negative, fake, inside

POSITIVES = [
    inside("email", "karl-heinz.von.muster@post.muster-bank.at", "Sehr geehrter Herr {},"),
    inside("email", "info@muster-hotel.travel", "📧 {} 📞 later"),
    inside("email", "m@muster-q.co", "E:{};T:none"),
    inside("email", "o.n.e@muster-mail.com", "o.n.e@example.com and {}"),
    inside("email", "student123@muster-mail.ac.jp", "メールは{}です。"),
    inside("email", "no-reply@muster-mail.com", "**From:** {}\n**To:** me"),
    inside("email", "jean_d'arc@muster-mail.fr", "écrire à {}, svp"),
    inside("email", "A.B@muster-mail.museum", "[mail](mailto:{})"),
    inside("phone", "+4930231250 00", "Tel:{}"),
    inside("phone", "+353 1 679 3000", "Dublin desk: {}, ext later"),
    inside("phone", "+34 912 345 678", "llámame al {}"),
    inside("phone", "+55 11 91234-5678", "zap {}"),
    inside("phone", "+86 138 0013 8000", "手机{}联系"),
    inside("phone", "+1.202.555.0143", "Fax {}"),
    inside("phone", "(202)555-0143", "phone{}", "US"),
    inside("phone", "202 555 0143", "My cell is {} btw", "US"),
    inside("phone", "+12025550143", "tel:{}", "US"),
    inside("phone", "030-23125000", "Mo-Fr {}", "DE"),
    inside("phone", "(030) 23125 000", "Zentrale {}", "DE"),
    inside("phone", "0171 3920012", "mobil {}, bitte", "DE"),
    inside("phone", "0199001234", "Mon portable : {}", "FR"),
    inside("phone", "020-7946-0958", "Please call {} asap", "GB"),
    inside("iban", "GB29 NWBK 6016 1331 9268 19", "sort it to {} today"),
    inside("iban", "IT60X0542811101000000123456", "bonifico su {}"),
    inside("iban", "AT61 1904 3002 3457 3201", "Bitte an {}!"),
    inside("iban", "PL61109010140000071219812874", "nr konta:{}"),
    inside("iban", "SE45 5000 0000 0583 9825 7466", "betala till {}"),
    inside("iban", "PT50 0002 0123 1234 5678 9015 4", "({})"),
    inside("card", "4000 0566 5566 5556", "It's {} and the CVC is on the back"),
    inside("card", "5105105105105100", "cc={}&exp=1229"),
    inside("card", "371449635398431", '"pan":"{}"'),
    inside("card", "6011 0009 9013 9424", "my discover ends... {}"),
    inside("card", "3566002020360505", "JCB:{}"),
    inside("card", "4242424242424242", "Kartennummer {}"),
    inside("ip", "81.2.69.160", "Failed password for root from {} port 22 ssh2"),
    inside("ip", "81.2.69.160", "X-Forwarded-For: {}, 10.0.0.1"),
    inside("ip", "89.160.20.112", "my IP address is {}."),
    inside("ip", "2a02:cf40::1234", "inet6 {}/64 scope global"),
    inside("ip", "216.160.83.56", "Connect to {}:3389"),
    inside("secret", fake("gh" + "o_", 36), "git remote set-url origin https://{}@github.com/m/r"),
    inside("secret", fake("AK" + "IA", 16, string.ascii_uppercase + "234567"), "AWS_ACCESS_KEY_ID={}"),
    inside("secret", fake("v", 40), 'AWS_SECRET_ACCESS_KEY="{}"'),
    inside("secret", fake("s" + "k-svcacct-", 74, ALNUM + "-_"), 'openai.api_key = "{}"'),
    inside("secret", fake("s" + "k-or-v1-", 64, HEX), "OPENROUTER_API_KEY={}"),
    inside("secret", fake("xap" + "p-1-A0MUSTER-", 40), "SLACK_APP_TOKEN: {}"),
    inside("secret", "Xk29!vmLq", "user: anna\npassword: {}\n"),
    inside("secret", "winter2931x", "Login anna, pwd: {}"),
    inside("secret", "j8#Kd02msP", "The admin password is `{}`."),
    inside("secret", fake("", 40, HEX), "WANDB_API_KEY={} python train.py"),
    inside("secret", fake("e", 44), "Set the header x-api-key: {}"),
    inside("secret", "anna:h8Qx02kk", "git clone https://{}@git.muster-corp.de/a/b.git"),
    inside("secret", "default:p8Kk2wQz", "redis://{}@cache:6379/0"),
    inside("secret", fake("q", 32), '{"access_token":"{}","expires_in":3600}'),
    inside("secret", fake("", 36, HEX), "ACCESS TOKEN = {}"),
]

_PLAIN = """
Email the form to firstname.lastname@example.co and wait.
My handle is @anna and the price is 5€@kg.
Perl: my @list = @{$ref}; print "@list.count";
User@Host:~/src$ make
\\@ifnextchar[{\\@tempswatrue}
f@ck this
SELECT @@version.major
Kubernetes image registry/app@sha256:9f86d081884c7d65
0123456789
Order 4539 0000 1234 is open.
Serial 4539-1488-0343-6468 is not a card.
Customer 4000056655665557
DHL 00340434161094042557
Flight 5105 1051 0510 5101
UPS 1Z12345E0205271688
Batch 20240115103045123
part# 6011-0009
Claim 3714-496353-98432
GTIN 04012345123456
1 000 000 000 000 000
2^64 = 18446744073709551616
fibonacci: 1134903170 1836311903 2971215073 4807526976
primes 1000000007 1000000009
0xDEADBEEFCAFEBABE 0x4111111111111111
6.02214076e23
1e-10, 1.0000000000000002
checksum 3141592653589793238
phone models 3310, 6210 and 8800
+3 to attack, +10 to defence
temperature +25 to +30
UTC+01:00 and GMT+0530
score +1234567
1+1=2, 2+2=4, 3+3=6
A+ B+ C+ 100+
GPS +52.5200, +013.4050
x+123456789012=0
call 911 or 112
dial *#06#
PIN 1234, TAN 567890
Tax id 12/345/67890
License plate B-MU 1234
DE 10115, AT 1010, CH 8001
GB12 is a Game Boy, DE89 a chassis
Article AT12 3456 7890
NO12 days left, BE68 bits
de12 34
Article 17.3.2.11 of the act
Windows 10.0.19045.3803
ver 2.14.0.133
Node v18.17.1.2
chrome 120.0.6099.109
Upgrade from 10.2.3.40 to 10.2.3.41
IP: 192.168.178.1, gateway 192.168.178.254
10.1.2.3/8 and 100.64.1.2
240.1.2.3
1.2.3.400
12.30.45 PM
8.8.4.4 is a name server
time 12:34:56:789
aa:bb:cc:dd:ee:ff
2001:0db8:85a3:0000:0000:8a2e:0370:7334
C++ ns::a1::b2
CSS a::before, li::after
css: 2024:02
Foo::Bar::2000
"password": null, "token": ""
password_hash TEXT NOT NULL
PasswordAuthentication no
Enter password1 again to confirm.
password=$PASSWORD1
$password = $_POST['password1'];
password: {type: String, minlength: 8}
password must be at least 12 characters: letters and digits
passwords: 123456, qwerty and letmein are the worst
token = jwt.encode(payload, SECRET_KEY, algorithm="HS256")
tokens per second: 123456
token_type: bearer
next_page_token = response.next_page_token2
secret = secrets.token_hex(32)
The secret is: practice 3 times a week
secret_key_base_32 = generate()
api key: see section 4.2
API key = 39 characters
access key: Alt+Shift+1
key = "550e8400-e29b-41d4-a716-446655440000"
public_key: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMUSTER anna@laptop
-----BEGIN SSH SIGNATURE-----
sk-toggleable__control:checked~label.sk-toggleable__label2A
sk-ip-to-main-content-2-B
npm_config_registry=https://registry.example.com
hf_BertForSequenceClassification_v2
data-key-0123456789abcdef
glpat- is the prefix of a token
xoxo-Love-and-kisses-from-2024
eyJhbGciOiJIUzI1NiJ9 is a header only
https://user:pass@example.com
ftp://anonymous:guest@ftp.example.org/
http://[::1]:8080/@a
redis://:@localhost
Basic auth: use the header "Authorization: Basic base64(user:password)"
Bearer tokens2 are described in RFC6750-section-2.1
def f(api_key: str = "", token: Optional[str] = None): ...
"""
_REGIONAL = {
    "US": (
        "area 202, room 555, desk 0143",
        "2025-55-01",
        "Order 202-5550-143",
        "page 212-555",
        "EIN 12-3456789",
        "$2,025,550,143",
        "(555) 123",
        "scores 202 555 43",
        "call about order 7777777777",
    ),
    "DE": ("0800 Uhr bis 1600 Uhr", "0,5 l / 0,33 l / 0,7 l", "03/2024 - 05/2024", "IBAN DE88 3704 0044 0532 0130 00"),
    "GB": ("01-02-2024 to 03-04-2024", "sort code 20-00-00", "0.5-0.75-0.25"),
    "FR": ("01 02 03", "0,25 + 0,50", "du 01/02 au 03/04/2024"),
}
NEGATIVES = [
    *(Negative(line) for line in _PLAIN.strip().split("\n")),
    *(Negative(line, region) for region, lines in _REGIONAL.items() for line in lines),
]

# Known limits: private, and not found.
MISSED = [
    inside("email", "anna [at] firma-muster [dot] de", "Mail {}"),
    inside("phone", "+972 50-123-4567", "a number that its country's plan does not have: {}"),
    inside("phone", "202-555-0143", "no region is set: {}"),
    inside("phone", "two zero two, 555 0143", "call {}", "US"),
    inside("card", "4111 1111 11111111", "grouped as no card is: {}"),
    inside("secret", "correcthorsebattery", "password: {} has no digit"),
    inside("secret", fake("b", 40), "nothing says what {} is"),
    inside("ip", "1.2.3.4", "four single digits: {}"),
]
# Known limits: nothing private, and found.
FALSE = [
    Negative("In R, slot access is obj@slot.name."),
    Negative("java.lang.Object@1b6d3586.hash"),
    Negative("order 4111111111111111 has the check digit of a card, as one number in ten"),
]
