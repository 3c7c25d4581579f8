import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from '../../src/config/load.js';
import { showConfig } from '../../src/config/show.js';
import { configuration, fallback, host, literal, realServer, virtual } from '../helpers/configuration.js';
import { shared } from '../helpers/repository.js';

type Shown = Readonly<Record<string, unknown>>;
type ShownConfig = {
  readonly global: Shown;
  readonly hostnames?: Shown;
  readonly virtual: readonly (Shown & { readonly real: readonly Shown[] })[];
};

/** As it comes out of JSON. */
function shown(config: Parameters<typeof showConfig>[0]): ShownConfig {
  return JSON.parse(JSON.stringify(showConfig(config)));
}

test('secrets are never shown', () => {
  const { virtual: virtuals } = shown(
    configuration([virtual({ login: 'me', passwd: 'hunter2', secret: 'x' }), virtual()]),
  );
  assert.deepEqual(
    virtuals.map(({ login, passwd, secret }) => [login, passwd, secret]),
    [
      ['me', '***', '***'],
      ['', '', ''],
    ],
  );
});

test('names: the address where it is known, otherwise the name and why, and a table of both', () => {
  const gone = { ...host('gone'), unresolved: 'no such name' };
  const { hostnames, virtual: virtuals } = shown(
    configuration([
      virtual({
        family: 'inet6',
        endpoint: { protocol: 'tcp', host: literal('2001:db8::1'), port: 80 },
        realServers: [realServer(host('web', '2001:db8::2')), realServer(gone, { through: host('end') })],
      }),
    ]),
  );
  assert.deepEqual(hostnames, { web: '2001:db8::2', gone: null, end: null });
  assert.deepEqual(
    virtuals.map(({ server }) => server),
    ['[2001:db8::1]'],
  );
  assert.deepEqual(
    virtuals[0]?.real.map(({ server, through, unresolved }) => [server, through, unresolved]),
    [
      ['[2001:db8::2]', undefined, undefined],
      ['gone', 'end', 'no such name'],
    ],
  );
});

test('a firewall mark, a netmask, thresholds, lists', () => {
  const { virtual: virtuals, global } = shown(
    configuration(
      [
        virtual({
          endpoint: { protocol: 'fwm', mark: 7 },
          persistent: 600,
          netmask: 20,
          schedflags: ['sh-fallback', 'sh-port'],
          realServers: [realServer(literal('192.0.2.2'), { upperThreshold: 20, lowerThreshold: 10 })],
          emailalert: ['a@example.com', 'b@example.com'],
          emailalertstatus: [],
        }),
        virtual({ family: 'inet6', netmask: 64 }),
      ],
      { fallbacks: [fallback(literal('127.0.0.1'), { port: 8080 })] },
    ),
  );
  const [first, second] = virtuals;
  assertContains(
    first,
    {
      fwm: 7,
      port: 0,
      protocol: 'fwm',
      netmask: '255.255.240.0',
      schedflags: 'sh-fallback,sh-port',
      real: [{ 'u-threshold': 20, 'l-threshold': 10 }],
      emailalert: 'a@example.com, b@example.com',
    },
    'virtual',
  );
  assert.ok(first && !('server' in first));
  assert.deepEqual(
    virtuals.map(({ emailalertstatus }) => emailalertstatus),
    ['none', 'starting,running,stopping,reloading'],
  );
  assertContains(second, { netmask: 64 }, 'virtual6');
  const sorry = { server: '127.0.0.1', port: 8080, forward: 'gate', weight: 1, 'u-threshold': 0, 'l-threshold': 0 };
  assertContains({ global }, { global: { fallback: { tcp: sorry, udp: sorry } } }, 'global');
});

/**
 * Without state, without what is written another way, without what is not filled in yet (the reference has -1
 * for what it inherits later), and without the login that a service gets from the name of the host.
 */
function compared(entries: Shown): [string, unknown][] {
  const inheritedLater = new Set(['checktimeout', 'negotiatetimeout', 'checkcount', 'failurecount']);
  return Object.entries(entries).filter(
    ([key, value]) =>
      key !== 'failcount' &&
      key !== 'emailalertstatus' &&
      value !== 'ldirectord@lb' &&
      !(inheritedLater.has(key) && Number(value) === -1),
  );
}

/** Every key of the reference stands in ours, with the same value; numbers may be strings there. */
function assertContains(ours: Shown | undefined, reference: Shown, where: string): void {
  for (const [key, value] of compared(reference)) {
    const mine = ours?.[key];
    if (Array.isArray(value)) {
      assert.ok(Array.isArray(mine) && mine.length === value.length, `${where}.${key}`);
      value.forEach((item, index) => {
        typeof item === 'object'
          ? assertContains(mine[index], item, `${where}.${key}[${index}]`)
          : assert.equal(String(mine[index]), String(item), `${where}.${key}[${index}]`);
      });
    } else if (typeof value === 'object' && value !== null) {
      assertContains(mine as Shown, value as Shown, `${where}.${key}`);
    } else if (key === 'passwd' || key === 'secret') {
      assert.equal(mine, value === '' ? '' : '***', `${where}.${key}`);
    } else {
      assert.equal(String(mine), String(value), `${where}.${key}`);
    }
  }
}

test('the corpus is shown as the reference shows it', { skip: shared ? false : 'no corpus here' }, async (context) => {
  const corpus = `${shared}/corpus`;
  let compared = 0;
  for (const file of readdirSync(corpus).filter((name) => /^\d+\.json$/.test(name))) {
    const reference = JSON.parse(readFileSync(`${corpus}/${file}`, 'utf8'));
    if (!reference.ok) {
      continue;
    }
    const { config } = await load(`${corpus}/${reference.file}`, {
      strict: true,
      lookup: async (name) => reference.hostnames?.[name] ?? Promise.reject(new Error('no such name')),
    });
    assert.ok(config, reference.file);
    assertContains(shown(config), { global: reference.global, virtual: reference.virtual }, reference.file);
    compared++;
  }
  context.diagnostic(`${compared} files compared`);
  assert.ok(compared > 0);
});

test('of several fallbacks all are shown, beside the first', () => {
  const fallbacks = ['127.0.0.1', '127.0.0.2'].map((address) => fallback(literal(address)));
  const { virtual: virtuals } = shown(
    configuration([virtual({ fallbacks }), virtual({ fallbacks: fallbacks.slice(0, 1) })]),
  );
  const [first, second] = ['127.0.0.1', '127.0.0.2'].map((address) => {
    return { server: address, port: 80, forward: 'gate', weight: 1, 'u-threshold': 0, 'l-threshold': 0 };
  });
  assert.deepEqual(
    virtuals.map(({ fallback: one, fallbacks: all }) => [one, all]),
    [
      [first, [first, second]],
      [first, undefined],
    ],
  );
});
