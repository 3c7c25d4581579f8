import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentQuestionsOf } from '../../src/checks/agent-question.js';
import { assign } from '../../src/checks/assignment.js';
import { atOnce } from '../../src/slices.js';
import { configOf, realOf, virtualOf } from '../helpers/configuration.js';

const section = (address: string, ...lines: readonly string[]): string =>
  `virtual=${address}\n\treal=10.0.0.1:80 gate 100\n\treal=10.0.0.2:80 gate 100\n${lines.map((line) => `\t${line}\n`).join('')}`;

test('virtuals that ask the same agent as often share the question', () => {
  const config = configOf(
    [
      section('192.0.2.1:80', 'agent=3333'),
      section('192.0.2.2:80', 'agent=3333', 'agentmaxage=60', 'checktype=off'),
      section('192.0.2.3:80', 'agent=3333', 'agentinterval=10'),
      section('192.0.2.4:80', 'agent=10.0.0.9:3333'),
      section('192.0.2.5:80'),
    ].join('\n'),
  );
  const { agents, servers } = atOnce(assign(config));
  assert.deepEqual(
    [...agents.values()].map(({ name, check }) => `${name} ${check.interval}`),
    ['10.0.0.1:3333 2000', '10.0.0.2:3333 2000', '10.0.0.1:3333 10000', '10.0.0.2:3333 10000', '10.0.0.9:3333 2000'],
  );
  assert.equal(servers.length, 10);
});

test('a question has until the next one to be answered, and five seconds at most', () => {
  const timeouts = [1, 5, 60].map((interval) => {
    const own = virtualOf(section('192.0.2.1:80', 'agent=3333', `agentinterval=${interval}`));
    return agentQuestionsOf(own)(realOf(own))?.check.checkTimeout;
  });
  assert.deepEqual(timeouts, [1_000, 5_000, 5_000]);
});

test('over HTTP the agent is told by which name it is asked', () => {
  const hosts = ['http://:8080/', 'http:///', 'http://10.0.0.9:81/', '3333'].map((agent) => {
    const own = virtualOf(section('192.0.2.1:80', `agent=${agent}`));
    return agentQuestionsOf(own)(realOf(own))?.check.virtualhost;
  });
  assert.deepEqual(hosts, ['10.0.0.1:8080', '10.0.0.1', '10.0.0.9:81', null]);
});

test('it goes the way of the checks', () => {
  const own = virtualOf(section('192.0.2.1:80', 'agent=3333', 'checkmark=7', 'checksource=10.0.0.254'));
  assert.deepEqual(agentQuestionsOf(own)(realOf(own))?.check.route, { mark: 7, source: '10.0.0.254', towards: null });
});
