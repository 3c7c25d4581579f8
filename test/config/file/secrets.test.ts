import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualDirectives } from '../../../src/config/file/directives.js';
import { secretsOf } from '../../../src/config/file/secrets.js';
import { virtualOf } from '../../helpers/configuration.js';

/** A line for every directive whose value is secret, and what of it no output may have. */
const lines: Readonly<Record<string, readonly [line: string, hidden: readonly string[]]>> = {
  passwd: ['passwd="hunter2"', ['hunter2']],
  secret: ['secret="shibboleth"', ['shibboleth']],
  requestheader: ['requestheader="Authorization: Bearer 0123456789"', ['Bearer 0123456789', '0123456789']],
};

test('every value that is secret by its row is hidden', () => {
  const secret = Object.entries(virtualDirectives).filter(([, row]) => row.secret?.kind === 'value');
  assert.deepEqual(secret.map(([keyword]) => keyword).toSorted(), Object.keys(lines).toSorted());
  const text = Object.values(lines).map(([line]) => `\t${line}\n`);
  const virtual = virtualOf(`virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n${text.join('')}`);
  assert.deepEqual(
    [...secretsOf(virtual)].toSorted(),
    Object.values(lines)
      .flatMap(([, hidden]) => hidden)
      .toSorted(),
  );
});

test('without one there is nothing to hide', () => {
  assert.deepEqual(secretsOf(virtualOf('virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n')), []);
});
