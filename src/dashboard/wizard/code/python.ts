import { isPlain, quoted, SCOPE, type Writer, when } from './facts.ts';

/** Authlib asks a server without https for nothing, unless it is told to. */
const insecure = (issuer: string) =>
  when(isPlain({ issuer }), '# While the server has no https, also: AUTHLIB_INSECURE_TRANSPORT=1');

export const pythonWeb: Writer = ({ issuer, client, redirectUri }) => ({
  name: 'Python',
  files: [
    {
      label: 'app.py',
      lines: [
        '# pip install Authlib Flask requests',
        '# In the environment: CLIENT_SECRET, and SESSION_KEY for the cookies of Flask',
        ...insecure(issuer),
        'import os',
        '',
        'from authlib.integrations.flask_client import OAuth',
        'from flask import Flask, jsonify, session',
        '',
        'app = Flask(__name__)',
        'app.secret_key = os.environ["SESSION_KEY"]',
        'op = OAuth(app).register(',
        '    "op",',
        `    client_id=${quoted(client.client_id)},`,
        '    client_secret=os.environ["CLIENT_SECRET"],',
        `    server_metadata_url=${quoted(`${issuer}/.well-known/openid-configuration`)},`,
        '    client_kwargs={',
        `        "scope": "${SCOPE}",`,
        '        "code_challenge_method": "S256",',
        `        "token_endpoint_auth_method": ${quoted(client.token_endpoint_auth_method ?? '')},`,
        '    },',
        ')',
        '',
        '',
        '@app.get("/sign-in")',
        'def sign_in():',
        `    return op.authorize_redirect(${quoted(redirectUri)})`,
        '',
        '',
        `@app.get(${quoted(new URL(redirectUri).pathname)})`,
        'def callback():',
        '    tokens = op.authorize_access_token()',
        '    session["sub"] = tokens["userinfo"]["sub"]',
        '    return jsonify(tokens["userinfo"])',
      ],
    },
  ],
});

export const pythonService: Writer = ({ issuer, client, target }) => ({
  name: 'Python',
  files: [
    {
      label: 'app.py',
      lines: [
        '# pip install Authlib requests',
        '# In the environment: CLIENT_SECRET',
        ...insecure(issuer),
        'import os',
        '',
        'from authlib.integrations.requests_client import OAuth2Session',
        '',
        'session = OAuth2Session(',
        `    ${quoted(client.client_id)},`,
        '    os.environ["CLIENT_SECRET"],',
        `    token_endpoint_auth_method=${quoted(client.token_endpoint_auth_method ?? '')},`,
        ...when(target?.scopes.length, `    scope=${quoted(target?.scopes.join(' ') ?? '')},`),
        ')',
        'token = session.fetch_token(',
        `    ${quoted(`${issuer}/token`)},`,
        '    grant_type="client_credentials",',
        ...when(target, `    resource=${quoted(target?.identifier ?? '')},`),
        ')',
        'print(token["access_token"])',
      ],
    },
  ],
});
