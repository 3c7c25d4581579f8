import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remembering } from '../../src/config/remembering.js';
import { type Lookup, resolve } from '../../src/config/resolve.js';
import { configOf } from '../helpers/configuration.js';

const config = configOf('virtual=192.0.2.1:80\n\treal=web1:80 gate\n\treal=10.0.0.2:80 gate\n');

/** The configuration with web1 at 10.0.0.1. */
async function known() {
  return (await resolve(config, async () => '10.0.0.1', 1_000)).config;
}

const away: Lookup = async () => {
  throw new Error('the name servers do not answer');
};

test('a new answer goes before the one remembered', async () => {
  const lookup = remembering(async () => '10.0.0.9', await known());
  assert.equal(await lookup('web1', 'inet'), '10.0.0.9');
});

test('where the lookup fails, the address remembered is the answer', async () => {
  assert.equal(await remembering(away, await known())('web1', 'inet'), '10.0.0.1');
});

test('where the lookup says nothing, the address remembered is the answer soon', async () => {
  const silent: Lookup = () => new Promise(() => {});
  assert.equal(await remembering(silent, await known(), 10)('web1', 'inet'), '10.0.0.1');
});

test('a name that had no address, or one of the other family, is asked as ever', async () => {
  const lookup = remembering(away, await known());
  await assert.rejects(lookup('web2', 'inet'), /do not answer/);
  await assert.rejects(lookup('web1', 'inet6'), /do not answer/);
});
