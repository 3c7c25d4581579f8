/** Whether a value of the journal is a step, whole and of plain values. */

import { isIP } from 'node:net';
import type { Step } from './step.js';

type Test = (value: unknown) => boolean;

const text: Test = (value) => typeof value === 'string' && !value.includes('\0');
const maybeText: Test = (value) => value === null || text(value);
const name: Test = (value) => typeof value === 'string' && /^[^\s\0-][^\s\0]*$/.test(value);
const maybeName: Test = (value) => value === null || name(value);
const path: Test = (value) => typeof value === 'string' && /^\/[^\0]+\/[^\0/]+$/.test(value);
const address: Test = (value) => typeof value === 'string' && isIP(value) > 0;
const number: Test = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const oneOf = (...words: readonly string[]): Test => {
  return (value) => typeof value === 'string' && words.includes(value);
};
const ports: Test = (value) => {
  return (
    typeof value === 'object' &&
    value !== null &&
    'from' in value &&
    'to' in value &&
    number(value.from) &&
    number(value.to)
  );
};
const family = oneOf('inet', 'inet6');

/** Every member of each kind. */
const kinds: { readonly [K in Step['kind']]: Readonly<Record<Exclude<keyof (Step & { kind: K }), 'kind'>, Test>> } = {
  sysctl: { key: name, before: maybeText, value: text },
  'load-module': { name, withOthers: (value) => typeof value === 'boolean' },
  'raise-link': { name },
  'add-address': { family, address, prefix: number, device: name },
  'add-route': { family, gateway: address, table: number, device: maybeName },
  'add-rule': { family, priority: number, from: address, protocol: oneOf('tcp', 'udp'), ports, table: number },
  'write-file': { path, before: maybeText, text, mode: oneOf('644', '755') },
  'make-directory': { path },
};

export function isStep(value: unknown): value is Step {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const { kind } = value;
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) return false;
  const members: Readonly<Record<string, Test>> = kinds[kind as Step['kind']];
  return Object.entries(members).every(([member, test]) => test(Reflect.get(value, member)));
}
