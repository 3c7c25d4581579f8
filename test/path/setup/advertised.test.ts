import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directorNeeds, directorQuestions } from '../../../src/path/needs/director.js';
import { questionsOf } from '../../../src/path/needs/judge.js';
import { planOf } from '../../../src/path/setup/plan.js';
import { survey } from '../../../src/path/setup/survey.js';
import { parsed } from '../../helpers/configuration.js';
import { until } from '../../helpers/deadline.js';
import { lacks } from '../../helpers/programs.js';
import { machineApart } from './machine-apart.js';
import { apart } from './skip.js';

/** A router says that it is one, for half an hour (RFC 4861, 4.2), from v1 on. */
const advertise = `
import socket, struct
link = socket.if_nametoindex('v1')
one = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link)
one.sendto(struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0), ('ff02::1', 0, 0, link))
`;
const wayOut = 'ip -6 route show default dev v0';

test('a director becomes a router and keeps its way out by another one', {
  skip: apart() || lacks('python3'),
}, async (t) => {
  const machine = await machineApart();
  t.after(machine.stop);
  const { config } = parsed('virtual6=[2001:db8::10]:80\n\treal6=[fd00::1]:80 masq\n\tchecktype=connect\n');
  assert.ok(config);
  machine.run('ip address add fd00::2/64 dev v0 nodad');
  const hearOfTheRouter = (): Promise<unknown> =>
    until('it has a way out', () => {
      machine.run(`python3 -c "${advertise}"`);
      return machine.run(wayOut).includes('proto ra');
    });
  await hearOfTheRouter();
  const first = await survey(machine.shell, directorQuestions(config), { deadline: 30_000 });
  assert.ok(first.ok);
  const needs = directorNeeds(config, first.facts.machine)
    .map(({ need }) => need)
    .filter(({ kind }) => kind === 'sysctl');
  const asked = questionsOf(needs);
  const looked = await survey(machine.shell, asked, { deadline: 30_000 });
  assert.ok(looked.ok);
  const settings = planOf(needs, [], looked.facts, false).steps.flatMap((step) =>
    step.kind === 'sysctl' && step.key.startsWith('net.ipv6') ? [`${step.key}=${step.value}`] : [],
  );
  assert.deepEqual(settings, ['net.ipv6.conf.v0.accept_ra=2', 'net.ipv6.conf.all.forwarding=1']);
  for (const setting of settings) machine.run(`sysctl -q -w ${setting}`);
  assert.match(machine.run(wayOut), /proto ra/);
  // Linux looks for such routes once, and again after there was a new one.
  machine.run('sysctl -q -w net.ipv6.conf.all.forwarding=0 net.ipv6.conf.v0.accept_ra=1');
  machine.run('ip -6 route delete default dev v0');
  await hearOfTheRouter();
  machine.run('sysctl -q -w net.ipv6.conf.all.forwarding=1');
  assert.equal(machine.run(wayOut), '', 'that is what would have become of it');
});
