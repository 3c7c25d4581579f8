import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasUnresolved, type Lookup, resolve, systemLookup } from '../../src/config/resolve.js';
import { configuration, fallback, host, literal, realServer, virtual } from '../helpers/configuration.js';

/** Milliseconds that no test reaches. */
const ample = 60_000;

/** Answers from a table and notes what it was asked. */
function tableLookup(addresses: Readonly<Record<string, string>>): { lookup: Lookup; asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = async (name, family) => {
    asked.push(`${family} ${name}`);
    const address = addresses[name];
    if (address === undefined) {
      throw new Error('no such name (ENOTFOUND)');
    }
    return address;
  };
  return { lookup, asked };
}

/** Never asked. */
const refuse: Lookup = async (name) => assert.fail(`asked for ${name}`);

test('a configuration without names is the same object, and nobody is asked', async () => {
  const config = configuration([virtual({ realServers: [realServer(literal('192.0.2.2'))] })]);
  const resolved = await resolve(config, { lookup: refuse, deadline: ample });
  assert.equal(resolved.config, config);
  assert.deepEqual(resolved.diagnostics, []);
});

test('names everywhere get their address, each asked once for its family', async () => {
  const { lookup, asked } = tableLookup({ vip: '192.0.2.1', web: '192.0.2.2', sorry: '127.0.0.2', six: '2001:db8::6' });
  const config = configuration(
    [
      virtual({
        endpoint: { protocol: 'tcp', host: host('vip'), port: 80 },
        realServers: [realServer(host('web')), realServer(host('web'), { port: 81 }), realServer(literal('192.0.2.9'))],
        fallbacks: [fallback(host('sorry'))],
      }),
      virtual({
        family: 'inet6',
        endpoint: { protocol: 'fwm', mark: 7 },
        realServers: [realServer(host('six')), realServer(host('web'))],
      }),
    ],
    { fallbacks: [fallback(host('sorry'))], fallbacks6: [fallback(host('six'))] },
  );
  const { config: found, diagnostics } = await resolve(config, { lookup, deadline: ample });
  assert.deepEqual(diagnostics, []);
  assert.equal(hasUnresolved(found), false);
  assert.deepEqual(asked.toSorted(), ['inet sorry', 'inet vip', 'inet web', 'inet6 six', 'inet6 web']);
  const [first, second] = found.virtuals;
  assert.deepEqual(first?.endpoint, { protocol: 'tcp', host: host('vip', '192.0.2.1'), port: 80 });
  assert.deepEqual(
    first?.realServers.map(({ host, port }) => [host.address, port]),
    [
      ['192.0.2.2', 80],
      ['192.0.2.2', 81],
      ['192.0.2.9', 80],
    ],
  );
  assert.equal(first?.fallbacks[0]?.host.address, '127.0.0.2');
  assert.equal(found.global.fallbacks6[0]?.host.address, '2001:db8::6');
  assert.equal(second?.realServers[0]?.host.address, '2001:db8::6');
  assert.equal(config.virtuals[0]?.realServers[0]?.host.address, null, 'the old value is as it was');
});

test('a name without address leaves a reason and a warning at its place, and the others alone', async () => {
  const { lookup } = tableLookup({ web: '192.0.2.2' });
  const span = { row: 5, column: 7, length: 4 };
  const config = configuration([
    virtual({ realServers: [realServer(host('gone'), { span }), realServer(host('web'))] }),
  ]);
  const { config: found, diagnostics } = await resolve(config, { lookup, deadline: ample });
  const reals = found.virtuals[0]?.realServers;
  assert.deepEqual(reals?.[0]?.host, { name: 'gone', address: null, unresolved: 'no such name (ENOTFOUND)' });
  assert.equal(reals?.[1]?.host.address, '192.0.2.2');
  assert.deepEqual(diagnostics, [
    {
      severity: 'warning',
      code: 'unresolved-name',
      message:
        '“gone” has no address: no such name (ENOTFOUND); the server is down until it has one, and is tried again',
      span: { line: 5, column: 7, length: 4 },
    },
  ]);
  assert.ok(hasUnresolved(found));
});

test('what was resolved stays, what was not is asked again', async () => {
  const config = configuration([virtual({ realServers: [realServer(host('late')), realServer(host('web'))] })]);
  const first = await resolve(config, { lookup: tableLookup({ web: '192.0.2.2' }).lookup, deadline: ample });
  const { lookup, asked } = tableLookup({ late: '192.0.2.3' });
  const second = await resolve(first.config, { lookup, deadline: ample });
  assert.deepEqual(asked, ['inet late']);
  assert.deepEqual(
    second.config.virtuals[0]?.realServers.map(({ host }) => host),
    [host('late', '192.0.2.3'), host('web', '192.0.2.2')],
  );
  assert.equal(hasUnresolved(second.config), false);
});

test('a virtual and a fallback that do not resolve are told, one fallback once', async () => {
  const { lookup } = tableLookup({});
  const one = virtual({
    endpoint: { protocol: 'udp', host: host('vip'), port: 53 },
    fallbacks: [fallback(host('sorry'))],
  });
  const { diagnostics } = await resolve(configuration([one, virtual({ fallbacks: [fallback(host('sorry'))] })]), {
    lookup,
    deadline: ample,
  });
  assert.deepEqual(
    diagnostics.map(({ message }) => /; (.*) until/.exec(message)?.[1]),
    ['the service is left out', 'the fallback is down'],
  );
});

test('an endless lookup holds up nobody beyond the deadline, and few run at once', async () => {
  let running = 0;
  const stalled: Lookup = () => {
    running++;
    return new Promise(() => {});
  };
  const reals = Array.from({ length: 500 }, (_, index) => realServer(host(`web${index}`)));
  const { config, diagnostics } = await resolve(configuration([virtual({ realServers: reals })]), {
    lookup: stalled,
    deadline: 50,
  });
  assert.ok(running > 0 && running <= 32, String(running));
  assert.equal(diagnostics.length, 500);
  assert.equal(config.virtuals[0]?.realServers[499]?.host.unresolved, 'no answer within 0.05 s');
});

test('the deadline is that of each name: as long as some answer, the others have their turn', async () => {
  let free = 2;
  const queue: (() => void)[] = [];
  // As libuv's threads: two at a time, each for 10 ms.
  const threads: Lookup = async () => {
    if (free === 0) await new Promise<void>((turn) => queue.push(turn));
    else free -= 1;
    await new Promise((done) => setTimeout(done, 10));
    const next = queue.shift();
    if (next) next();
    else free += 1;
    return '10.0.0.1';
  };
  const reals = Array.from({ length: 200 }, (_, index) => realServer(host(`web${index}`)));
  const { diagnostics } = await resolve(configuration([virtual({ realServers: reals })]), {
    lookup: threads,
    deadline: 900,
  });
  assert.deepEqual(diagnostics, []);
});

const away: Lookup = async () => {
  throw new Error('the name servers do not answer (EAI_AGAIN)');
};

test('a name without an answer keeps the address that it had, and a warning says so once', async () => {
  const config = configuration([
    virtual({
      realServers: [realServer(host('web1')), realServer(host('web1'), { port: 81 }), realServer(host('web2'))],
    }),
  ]);
  const silent: Lookup = () => new Promise(() => {});
  for (const [lookup, reason] of [
    [away, 'the name servers do not answer (EAI_AGAIN)'],
    [silent, 'no answer within 0.05 s'],
  ] as const) {
    const known = new Map([['inet web1', '10.0.0.1']]);
    const { config: found, diagnostics, addresses } = await resolve(config, { lookup, deadline: 50, known });
    assert.deepEqual(
      found.virtuals[0]?.realServers.map((real) => real.host.address),
      ['10.0.0.1', '10.0.0.1', null],
    );
    assert.deepEqual([...addresses], [['inet web1', '10.0.0.1']]);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => [code, message.includes(reason)]),
      [
        ['kept-address', true],
        ['unresolved-name', true],
      ],
    );
  }
});

test('a new answer goes before the address that a name had, however long it takes', async () => {
  const config = configuration([virtual({ realServers: [realServer(host('web1'))] })]);
  const slow: Lookup = () => new Promise((resolve) => setTimeout(resolve, 300, '10.0.0.9'));
  const known = new Map([['inet web1', '10.0.0.1']]);
  const { config: found, diagnostics, addresses } = await resolve(config, { lookup: slow, deadline: ample, known });
  assert.equal(found.virtuals[0]?.realServers[0]?.host.address, '10.0.0.9');
  assert.deepEqual(diagnostics, []);
  assert.deepEqual([...addresses], [['inet web1', '10.0.0.9']]);
});

test('an address of one family says nothing about the other', async () => {
  const config = configuration([virtual({ family: 'inet6', realServers: [realServer(host('web1'))] })]);
  const known = new Map([['inet web1', '10.0.0.1']]);
  const { config: found } = await resolve(config, { lookup: away, deadline: ample, known });
  assert.equal(found.virtuals[0]?.realServers[0]?.host.address, null);
});

test('the ends of a range keep their addresses, too', async () => {
  const config = configuration([virtual({ realServers: [realServer(host('first'), { through: host('last') })] })]);
  const { lookup } = tableLookup({ first: '10.0.0.1', last: '10.0.0.2' });
  const { addresses } = await resolve(config, { lookup, deadline: ample });
  const again = await resolve(config, { lookup: away, deadline: ample, known: addresses });
  assert.equal(again.config.virtuals[0]?.realServers.length, 2);
  assert.deepEqual(again.addresses, addresses);
});

test('the slow do not take the answers of the quick', async () => {
  const mixed: Lookup = (name) => (name === 'slow' ? new Promise(() => {}) : Promise.resolve('192.0.2.4'));
  const reals = ['slow', ...Array.from({ length: 50 }, (_, index) => `web${index}`)].map((name) =>
    realServer(host(name)),
  );
  const { diagnostics } = await resolve(configuration([virtual({ realServers: reals })]), {
    lookup: mixed,
    deadline: 200,
  });
  assert.equal(diagnostics.length, 1);
});

test('no timer outlives the answers', async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await resolve(configuration([virtual({ realServers: [realServer(host('web'))] })]), {
    lookup: tableLookup({ web: '192.0.2.2' }).lookup,
    deadline: ample,
  });
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, before);
});

test('a range between names is expanded, both ends included', async () => {
  const { lookup } = tableLookup({ first: '192.0.2.254', last: '192.0.3.1' });
  const range = realServer(host('first'), { through: host('last'), weight: 3 });
  const config = configuration([virtual({ realServers: [range, realServer(literal('192.0.2.9'))] })]);
  const { config: found, diagnostics } = await resolve(config, { lookup, deadline: ample });
  assert.deepEqual(diagnostics, []);
  const reals = found.virtuals[0]?.realServers ?? [];
  assert.deepEqual(
    reals.map(({ host }) => host),
    ['192.0.2.254', '192.0.2.255', '192.0.3.0', '192.0.3.1', '192.0.2.9'].map(literal),
  );
  assert.ok(reals.slice(0, 4).every((real) => real.weight === 3 && !('through' in real)));
  assert.equal(hasUnresolved(found), false);
});

test('a range from an address to a name', async () => {
  const { lookup } = tableLookup({ last: '10.0.0.2' });
  const config = configuration([
    virtual({ realServers: [realServer(literal('10.0.0.1'), { through: host('last') })] }),
  ]);
  const { config: found } = await resolve(config, { lookup, deadline: ample });
  assert.equal(found.virtuals[0]?.realServers.length, 2);
});

const brokenRanges: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  ['without its begin', { last: '10.0.0.2' }, /^no such name/],
  ['without its end', { first: '10.0.0.1' }, /end of its range, “last”, has no address: no such name/],
  ['that is inverted', { first: '10.0.0.3', last: '10.0.0.2' }, /10\.0\.0\.3->10\.0\.0\.2 ends before it begins/],
  ['that is too long', { first: '10.0.0.1', last: '10.1.0.1' }, /longer than 65536/],
  ['of IPv6', { first: '2001:db8::1', last: '2001:db8::2' }, /IPv4/],
];

for (const [name, addresses, reason] of brokenRanges) {
  test(`a range ${name} stays one server that is down, and mends itself later`, async () => {
    const range = realServer(host('first'), { through: host('last') });
    const before = configuration([virtual({ realServers: [range] })]);
    const { config, diagnostics } = await resolve(before, { lookup: tableLookup(addresses).lookup, deadline: ample });
    const [real, ...others] = config.virtuals[0]?.realServers ?? [];
    assert.deepEqual(others, []);
    assert.equal(real?.host.address, null);
    assert.match(real?.host.unresolved ?? '', reason);
    assert.equal(diagnostics.length, 1);
    assert.ok(hasUnresolved(config));
    const later = await resolve(config, {
      lookup: tableLookup({ first: '10.0.0.1', last: '10.0.0.2' }).lookup,
      deadline: ample,
    });
    assert.equal(later.config.virtuals[0]?.realServers.length, 2);
  });
}

test('the system knows localhost', async () => {
  assert.equal(await systemLookup('localhost', 'inet'), '127.0.0.1');
});

test('the system gives a reason for a name that is none', async () => {
  await assert.rejects(systemLookup('no-such-host.invalid', 'inet'), /\((ENOTFOUND|EAI_AGAIN|EAI_\w+)\)$/);
});
