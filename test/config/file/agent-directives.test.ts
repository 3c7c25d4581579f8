import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentQuestionsOf } from '../../../src/checks/agent-question.js';
import { compareInSlices } from '../../../src/config/differences.js';
import { resolve } from '../../../src/config/resolve.js';
import { agentNameOf, agentText } from '../../../src/model/agent.js';
import { atOnce } from '../../../src/slices.js';
import { configOf, literal, parsed, realOf, virtualOf } from '../../helpers/configuration.js';

const virtual = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 100\n';
const virtual6 = 'virtual6=[2001:db8::1]:80\n\treal6=[2001:db8::a]:80 gate 100\n';

test('without it nobody is asked', () => {
  const { agent, agentinterval, agentmaxage } = virtualOf(virtual);
  assert.deepEqual([agent, agentinterval, agentmaxage], [null, 2, 0]);
  assert.equal(agentNameOf(virtualOf(virtual), realOf(virtualOf(virtual))), null);
});

for (const [text, expected, name] of [
  ['3333', { host: null, port: 3333, path: null }, '10.0.0.1:3333'],
  ['http', { host: null, port: 80, path: null }, '10.0.0.1:80'],
  ['10.0.0.9:3333', { host: literal('10.0.0.9'), port: 3333, path: null }, '10.0.0.9:3333'],
  ['http://:8080/load?of=all', { host: null, port: 8080, path: '/load?of=all' }, 'http://10.0.0.1:8080/load?of=all'],
  ['http:///load', { host: null, port: 80, path: '/load' }, 'http://10.0.0.1/load'],
  ['HTTP://10.0.0.9', { host: literal('10.0.0.9'), port: 80, path: '/' }, 'http://10.0.0.9/'],
] as const) {
  test(`agent=${text}`, () => {
    const own = virtualOf(`${virtual}\tagent = ${text}\n`);
    assert.deepEqual(own.agent, expected);
    assert.equal(agentNameOf(own, realOf(own)), name);
    assert.ok(own.agent);
    assert.deepEqual(virtualOf(`${virtual}\tagent = ${agentText(own.agent)}\n`).agent, expected, 'as it is shown');
  });
}

test('an agent of IPv6', () => {
  for (const [text, name] of [
    ['3333', '[2001:db8::a]:3333'],
    ['[2001:db8:0::9]:3333', '[2001:db8:0::9]:3333'],
    ['http://[2001:db8::9]:8080/', 'http://[2001:db8::9]:8080/'],
  ]) {
    const own = virtualOf(`${virtual6}\tagent=${text}\n`);
    assert.equal(agentNameOf(own, realOf(own)), name);
  }
});

for (const [line, code] of [
  ['agent=', 'bad-agent'],
  ['agent=10.0.0.9', 'bad-agent'],
  ['agent=3333 tcp', 'bad-agent'],
  ['agent=https://10.0.0.9/', 'bad-agent'],
  ['agent=http://user:secret@10.0.0.9/', 'bad-agent'],
  ['agent=0', 'bad-port'],
  ['agent=70000', 'bad-port'],
  ['agent=nosuchservice', 'bad-port'],
  ['agent=[2001:db8::9]:3333', 'bad-address'],
  ['agentinterval=0', 'not-a-number'],
  ['agentmaxage=-1', 'not-a-number'],
] as const) {
  test(`${line} is an error: ${code}`, () => {
    const { config, diagnostics } = parsed(`${virtual}\t${line}\n`);
    assert.equal(config, null);
    assert.deepEqual(
      diagnostics.map((diagnostic) => [diagnostic.severity, diagnostic.code, diagnostic.span.line]),
      [['error', code, 3]],
    );
  });
}

test('what is about agents has no effect without one', () => {
  const { diagnostics } = parsed(`${virtual}\tagentmaxage=60\n`);
  assert.deepEqual(
    diagnostics.map(({ code, span }) => [code, span.line]),
    [['useless-agent', 3]],
  );
});

for (const [lines, codes] of [
  [['agent=3333'], []],
  [['agent=3333', 'scheduler=rr'], ['unweighted-agent']],
  [['agent=3333', 'scheduler=fo'], ['unweighted-agent']],
  [
    ['agent=3333', 'scheduler=mh'],
    ['unweighted-agent', 'slots-kept'],
  ],
  [
    ['agent=3333', 'scheduler=mh', 'quiescent=yes'],
    ['unweighted-agent', 'slots-kept'],
  ],
  [['agent=3333', 'scheduler=mh', 'schedflags=mh-fallback'], ['unweighted-agent']],
  [['agent=3333', 'real=10.0.0.2:80 gate'], ['weight-too-small']],
  [['agent=3333', 'real=10.0.0.2:80 gate', 'slowstart=10'], ['weight-too-small']],
] as const) {
  test(`advice on ${lines.join(', ')}: ${codes.join(', ') || 'none'}`, () => {
    const { diagnostics } = parsed(`${virtual}\tchecktype=connect\n${lines.map((line) => `\t${line}\n`).join('')}`);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      codes,
    );
  });
}

test('the name of an agent is resolved like that of a server, and without an address it is not asked', async () => {
  const text = `${virtual}\tagent=http://agents.example.com:8080/\n`;
  const lookup = async (name: string): Promise<string> => {
    if (name !== 'agents.example.com') throw new Error('no such name');
    return '10.0.0.9';
  };
  const { config } = await resolve(configOf(text), { lookup, deadline: 1_000 });
  const [own] = config.virtuals;
  assert.ok(own);
  assert.equal(agentNameOf(own, realOf(own)), 'http://agents.example.com:8080/');
  assert.equal(agentQuestionsOf(own)(realOf(own))?.check.address, '10.0.0.9');
  assert.deepEqual(atOnce(compareInSlices(configOf(text), config)), []);
  const before = configOf(`${virtual}\tagent=3333\n`);
  assert.deepEqual(atOnce(compareInSlices(before, config)), [
    'virtual 192.0.2.1:80 (tcp): agent 3333 -> http://agents.example.com:8080/',
  ]);
  const lost = await resolve(configOf(text.replace('agents', 'lost')), { lookup, deadline: 1_000 });
  assert.deepEqual(
    lost.diagnostics.map(({ code, message }) => [code, /the agent is not asked/.test(message)]),
    [['unresolved-name', true]],
  );
  const [without] = lost.config.virtuals;
  assert.ok(without);
  assert.equal(agentQuestionsOf(without)(realOf(without)), null);
});
