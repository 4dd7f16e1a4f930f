import { z } from 'zod';
import { type ProblemCode, problemCodes, statusOf, titleOf } from '../lib/problem.ts';
import { apiScopes } from '../oidc/tokens.ts';
import type { Named, Route } from './route.ts';

/** @see Said */
export const caseHelp =
  'Which of the sentences of its rule `detail` and `fix` are; with `values`, what it takes to say them in another language';

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { enum: problemCodes },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'The correlation id of the request in the log' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'rule', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'RFC 6901' },
          rule: { type: 'string' },
          detail: { type: 'string' },
          case: { type: 'string', description: caseHelp },
          values: { type: 'object', additionalProperties: { type: 'string' } },
          spec: { type: 'string', description: 'The clause that asks for it' },
          fix: { type: 'string', description: 'What to change' },
          patch: {
            type: 'object',
            description: 'The change for programs: a JSON merge patch (RFC 7396) of the document',
          },
        },
      },
    },
  },
};

const tags: Readonly<Record<string, string>> = {
  clients: 'Applications: what they are, what they may do, and whether that is safe',
  accounts: 'People who sign in, and what they allowed',
  resources: 'APIs that tokens are for, and which clients may have them',
  registration: 'Who may register clients, and which',
  audit: 'Who changed what, and when',
  settings: 'The configuration in force',
  failures: 'What was refused to clients, and why',
};

const json = (schema: object) => ({ 'application/json': { schema } });
const documentOf = ({ schema, document = schema }: Named) => document;
const reference = ({ name }: Named) => ({ $ref: `#/components/schemas/${name}` });

/** A schema without what only this project reads of it. */
const toJsonSchema = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const name of ['group', 'widget', 'spec', 'by']) delete jsonSchema[name];
      if (jsonSchema.help) jsonSchema.description = jsonSchema.help as string;
      delete jsonSchema.help;
    },
  });
  return rest;
};

/** What a route can answer besides what it is for. */
const problemsOf = (route: Route): ProblemCode[] => [
  'malformed',
  'unauthenticated',
  'forbidden',
  ...(route.path.includes('{') ? (['not_found'] as const) : []),
  ...(route.method === 'get' ? [] : (['conflict', 'precondition_failed'] as const)),
  ...(route.body ? (['too_large', 'unsupported_media_type', 'invalid'] as const) : []),
  ...(route.also ?? []),
  'unavailable',
];

const problemResponses = (codes: ReadonlySet<ProblemCode>) =>
  Object.fromEntries(
    [...codes].map((code) => [
      code,
      {
        description: titleOf(code),
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    ]),
  );

function operation(route: Route) {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const query = Object.entries(route.query?.shape ?? {});
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...query.map(([name, schema]) => ({
      name,
      in: 'query',
      required: false,
      schema: toJsonSchema(schema as z.ZodType, 'input'),
    })),
  ];
  return {
    operationId: `${route.method}${route.path.replaceAll(/[^\w]+(\w)?/g, (_, letter = '') => letter.toUpperCase())}`,
    summary: route.summary,
    tags: [route.tag],
    security: [{ oauth: [route.scope] }],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: json(reference(route.body)) } }),
    responses: {
      [route.status]: {
        description: 'Done',
        ...(route.response && { content: json(reference(route.response)) }),
      },
      ...Object.fromEntries(
        problemsOf(route).map((code) => [
          statusOf(code),
          { $ref: `#/components/responses/${code}` },
        ]),
      ),
      default: { $ref: '#/components/responses/internal' },
    },
  };
}

/** The OpenAPI 3.1 document of the routes. */
export function openApi(routes: readonly Route[], issuer: string): object {
  const paths: Record<string, Record<string, object>> = {};
  const schemas: Record<string, object> = { Problem: problem };
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
    if (route.body) schemas[route.body.name] = toJsonSchema(documentOf(route.body), 'input');
    if (route.response)
      schemas[route.response.name] = toJsonSchema(documentOf(route.response), 'output');
  }
  const scopes = Object.fromEntries(apiScopes.map(({ name, description }) => [name, description]));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Clientele administration',
      version: '1',
      description: 'Manages the clients, accounts and resources of this authorization server.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${issuer}/api/v1` }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({
      name,
      description: tags[name] ?? name,
    })),
    paths,
    components: {
      schemas,
      responses: problemResponses(new Set([...routes.flatMap(problemsOf), 'internal'])),
      securitySchemes: {
        oauth: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: `${issuer}/token`, scopes } },
        },
      },
    },
  };
}
