"""A relying party on Authlib: it is given an issuer and its registration, nothing else.

Speaks in lines of JSON with the test that holds the browser: writes the address to visit, reads the
address that the browser came back to, writes what it found.
"""

import json
import secrets
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet


def say(value):
    print(json.dumps(value), flush=True)


given = json.loads(sys.stdin.readline())
server = requests.get(given["issuer"] + "/.well-known/openid-configuration", timeout=10).json()
session = OAuth2Session(
    given["client_id"],
    given["client_secret"],
    scope="openid profile email",
    redirect_uri=given["redirect_uri"],
    code_challenge_method="S256",
)
verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
url, state = session.create_authorization_url(
    server["authorization_endpoint"], code_verifier=verifier, nonce=nonce
)
say({"url": url})

came_back = json.loads(sys.stdin.readline())["callback"]
tokens = session.fetch_token(
    server["token_endpoint"], authorization_response=came_back, state=state, code_verifier=verifier
)
keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=10).json())
id_token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
registry = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": server["issuer"]},
    aud={"essential": True, "value": given["client_id"]},
    nonce={"essential": True, "value": nonce},
)
registry.validate(id_token.claims)
user = session.get(server["userinfo_endpoint"]).json()
old = tokens["refresh_token"]
refreshed = session.refresh_token(server["token_endpoint"], refresh_token=old)
say(
    {
        "sub": id_token.claims["sub"],
        "user": user,
        "rotated": refreshed["refresh_token"] != old,
        "refreshed_user": session.get(server["userinfo_endpoint"]).json(),
    }
)
