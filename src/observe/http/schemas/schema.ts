/** JSON Schema, as far as the answers of the API need it, and words for it. */

export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
}

export const text: Schema = { type: 'string' };
export const whole: Schema = { type: 'integer' };
export const number: Schema = { type: 'number' };
export const flag: Schema = { type: 'boolean' };

/** Every property is there, and no other. */
export function object(properties: Readonly<Record<string, Schema>>, description?: string): Schema {
  const required = Object.keys(properties);
  return { type: 'object', ...(description && { description }), properties, required, additionalProperties: false };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function oneOf(...words: readonly string[]): Schema {
  return { type: 'string', enum: words };
}

export function referTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema with a sentence about it. */
export function describe(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

export const moment = describe(number, 'milliseconds since 1970');
export const course = describe(
  list(orNull(number)),
  'a measure at each step, the oldest first; null where nothing is known',
);

/** With properties that are there only where they say something. */
export function withOptional(schema: Schema, properties: Readonly<Record<string, Schema>>): Schema {
  return { ...schema, properties: { ...schema.properties, ...properties } };
}
