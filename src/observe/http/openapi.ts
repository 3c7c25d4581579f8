/** The API described for programs, made from the routes themselves. */

import type { Route } from './router.js';
import { referTo } from './schemas/schema.js';
import { schemas } from './schemas.js';

/** OpenAPI 3.1. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    item[route.method.toLowerCase()] = operation(route);
    paths[route.path] = item;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'ldirectord',
      version,
      description: 'What a director sees of its virtual services and real servers. Bodies are UTF-8.',
    },
    paths,
    components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

function operation({ method, path, summary, query = {}, texts = {}, type, schema, problems = {} }: Route): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const whole = { type: 'integer', minimum: 0 };
  const inQuery = [
    ...Object.entries(query).map(([name, description]) => ({ name, in: 'query', description, schema: whole })),
    ...Object.entries(texts).map(([name, description]) => ({
      name,
      in: 'query',
      description,
      schema: { type: 'string' },
    })),
  ];
  const problemContent = { 'application/problem+json': { schema: referTo('Problem') } };
  const failures = Object.entries(problems).map(([status, description]) => {
    return [status, { description, content: problemContent }] as const;
  });
  return {
    summary,
    ...((inPath.length > 0 || inQuery.length > 0) && { parameters: [...inPath, ...inQuery] }),
    ...(method === 'POST' && { security: [{ token: [] }] }),
    responses: {
      200: { description: summary, content: { [type]: schema === undefined ? {} : { schema } } },
      ...Object.fromEntries(failures),
      default: { description: 'a request that is not met, and why', content: problemContent },
    },
  };
}
