import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed, virtualOf } from '../../helpers/configuration.js';

const virtual = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';

test('without them a server is judged as ever', () => {
  const { risecount, fastinterval, downinterval, startstate } = virtualOf(virtual);
  assert.deepEqual([risecount, fastinterval, downinterval, startstate], [1, null, null, 'table']);
});

test('a virtual takes over what the global section says, but for where it starts', () => {
  const globals = 'risecount=3\nfastinterval=1\ndowninterval=60\n';
  const own = virtualOf(`${globals}${virtual}\trisecount = 2\n\tstartstate = down\n`);
  assert.deepEqual([own.risecount, own.fastinterval, own.downinterval, own.startstate], [2, 1, 60, 'down']);
});

for (const [line, code] of [
  ['risecount=0', 'not-a-number'],
  ['risecount=2 times', 'not-a-number'],
  ['fastinterval=0', 'not-a-number'],
  ['downinterval=1.5', 'not-a-number'],
  ['startstate=out', 'unknown-startstate'],
  ['minhealthy=half', 'bad-minimum'],
  ['minhealthy=101%', 'bad-minimum'],
  ['belowminimum=withdrawn', 'unknown-belowminimum'],
  ['hysteresis=-1', 'not-a-number'],
  ['minhealthy=1\n\tbelowminimum=fallback', 'missing-fallback'],
  ['flapdamping=10', 'bad-flapdamping'],
  ['flapdamping=0 60', 'bad-flapdamping'],
  ['flapdamping=60 10', 'bad-flapdamping'],
  ['flapdamping=10 86401', 'bad-flapdamping'],
  ['slowstart=-1', 'not-a-number'],
  ['slowstart=3601', 'not-a-number'],
  ['resume=never', 'unknown-resume'],
  ['track=192.0.2.1:80', 'unknown-track'],
  ['track=192.0.2.9:80', 'unknown-track'],
  ['track=192.0.2.9:80 or another', 'unknown-track'],
  ...['rr', 'lc', 'dh', 'fo', 'ovf', 'sh', 'mh'].map(
    (scheduler) => [`scheduler=${scheduler}\n\tslowstart=30`, 'wrong-slowstart'] as const,
  ),
] as readonly (readonly [line: string, code: string])[]) {
  test(`${line} is an error: ${code}`, () => {
    const { config, diagnostics } = parsed(`${virtual}\t${line}\n`);
    assert.equal(config, null);
    assert.deepEqual(
      diagnostics.map((diagnostic) => [diagnostic.severity, diagnostic.code, diagnostic.span.line]),
      [['error', code, 2 + line.split('\n').length]],
    );
  });
}

test('the minimum is a number or a share, and shown as it is written', () => {
  const own = virtualOf(`minhealthy=50%\n${virtual}\thysteresis=2\n`);
  assert.deepEqual([own.minhealthy, own.belowminimum, own.hysteresis], [{ amount: 50, unit: 'percent' }, 'keep', 2]);
  assert.deepEqual(virtualOf(`${virtual}\tminhealthy=2\n`).minhealthy, { amount: 2, unit: 'servers' });
});

test('how a server comes back is of a virtual, and damping is inherited', () => {
  const own = virtualOf(`flapdamping=10 300\n${virtual}\tslowstart = 30\n\tresume = manual\n`);
  assert.deepEqual([own.flapdamping, own.slowstart, own.resume], [{ base: 10, most: 300 }, 30, 'manual']);
  assert.equal(virtualOf(`flapdamping=10 300\n${virtual}\tflapdamping=off\n`).flapdamping, null);
  const { flapdamping, slowstart, resume, track } = virtualOf(virtual);
  assert.deepEqual([flapdamping, slowstart, resume, track], [null, 0, 'auto', null]);
});

/** A section for each of these, with a server and what is named to be tracked. */
function tracking(tracks: Readonly<Record<string, string | null>>, protocol = 'tcp'): string {
  return Object.entries(tracks)
    .map(([opens, track]) => {
      const lines = ['real=10.0.0.1:80 masq', 'checktype=on', `protocol=${protocol}`];
      if (track !== null) lines.push(`track=${track}`);
      return `virtual=${opens}\n${lines.map((line) => `\t${line}\n`).join('')}`;
    })
    .join('\n');
}

test('a service is tracked by the way in which its section opens', () => {
  const { config, diagnostics } = parsed(
    tracking({ '192.0.2.1:80': 'web.example.com:443', 'web.example.com:443': null }),
  );
  assert.deepEqual(diagnostics, []);
  assert.equal(config?.virtuals[0]?.track, 'web.example.com:443');
});

test('services that track each other in a circle are told, each at its line', () => {
  const [a, b, c, d] = ['192.0.2.1:80', '192.0.2.2:80', '192.0.2.3:80', '192.0.2.4:80'] as const;
  const { diagnostics } = parsed(tracking({ [a]: b, [b]: c, [c]: a, [d]: a }));
  assert.deepEqual(
    diagnostics.map(({ code, span }) => [code, span.line]),
    [
      ['track-loop', 5],
      ['track-loop', 11],
      ['track-loop', 17],
    ],
  );
});

test('two services that open alike are told apart by their protocols', () => {
  const both = `${tracking({ '192.0.2.1:53': null })}\n${tracking({ '192.0.2.1:53': null }, 'udp')}\n`;
  const codes = (track: string) =>
    parsed(both + tracking({ '192.0.2.2:80': track })).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes('192.0.2.1:53'), ['unknown-track']);
  assert.deepEqual(codes('udp/192.0.2.1:53'), []);
});

test('one-server-scheduler where there is one address to choose by, and more than one server', () => {
  const codes = (text: string) => parsed(text).diagnostics.map(({ code }) => code);
  const two = '\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n';
  for (const scheduler of ['dh', 'lblc', 'lblcr'])
    assert.deepEqual(codes(`virtual=192.0.2.1:80\n${two}\tscheduler=${scheduler}\n`), ['one-server-scheduler']);
  assert.deepEqual(codes(`virtual=192.0.2.1:80\n${two}\tscheduler=sh\n\tquiescent=no\n`), []);
  assert.ok(!codes(`virtual=7\n${two}\tscheduler=dh\n`).includes('one-server-scheduler'));
  assert.deepEqual(codes('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tscheduler=dh\n'), []);
});

test('weight-too-small where nothing can grow, and slots-kept where clients are dropped', () => {
  const codes = (...lines: readonly string[]) =>
    parsed(`${virtual}${lines.map((line) => `\t${line}\n`).join('')}`).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes('slowstart=30'), ['weight-too-small']);
  assert.deepEqual(codes('scheduler=sh', 'quiescent=yes'), ['slots-kept']);
  assert.deepEqual(codes('scheduler=mh', 'schedflags=mh-fallback', 'quiescent=yes'), []);
  assert.deepEqual(codes('scheduler=sh', 'schedflags=flag-1', 'quiescent=yes'), []);
  assert.deepEqual(codes('scheduler=sh', 'quiescent=no'), []);
});
