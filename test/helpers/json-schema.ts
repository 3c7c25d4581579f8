/** Whether a value is as a schema of the API says: the part of JSON Schema that is used there. */

import type { Schema } from '../../src/observe/http/schemas/schema.js';

/** What does not fit, each with its path; empty where all does. */
export function misfits(value: unknown, schema: Schema, schemas: Readonly<Record<string, Schema>>, at = '$'): string[] {
  if (schema.$ref !== undefined) {
    const found = schemas[schema.$ref.replace('#/components/schemas/', '')];
    return found === undefined ? [`${at}: ${schema.$ref} leads nowhere`] : misfits(value, found, schemas, at);
  }
  if (schema.anyOf !== undefined) {
    const tries = schema.anyOf.map((candidate) => misfits(value, candidate, schemas, at));
    return tries.some((found) => found.length === 0) ? [] : tries.flat();
  }
  if (schema.enum !== undefined && !schema.enum.includes(String(value))) return [`${at}: ${value} is none of the enum`];
  if (schema.type !== undefined && !isOfType(value, String(schema.type))) return [`${at}: is no ${schema.type}`];
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [`${at}: says nothing of its items`];
    return value.flatMap((item, index) => misfits(item, items, schemas, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}: lacks ${name}`);
  const rest = Object.entries(value).flatMap(([name, inner]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (typeof known === 'object') return misfits(inner, known, schemas, `${at}.${name}`);
    return known === true ? [] : [`${at}: has ${name}, which is not described`];
  });
  return [...missing, ...rest];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
