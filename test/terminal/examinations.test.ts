import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Examination } from '../../src/path/doctor/examination.js';
import type { Finding } from '../../src/path/doctor/finding.js';
import { examinationsText } from '../../src/terminal/examinations.js';

const plain = { width: null, colour: false };

const redirects: Finding = {
  code: 'redirects-sent',
  on: 'director',
  object: 'net.ipv4.conf.eth0.send_redirects',
  for: [],
  seen: 'net.ipv4.conf.eth0.send_redirects is 1',
  mend: ['sysctl -w net.ipv4.conf.eth0.send_redirects=0'],
};
const forwarding: Finding = {
  code: 'forwarding-off',
  on: 'director',
  object: 'net.ipv4.ip_forward',
  for: ['203.0.113.10:80'],
  seen: 'net.ipv4.ip_forward is 0',
  mend: ['first', 'second'],
};

function director(findings: readonly Finding[], unexamined: Examination['unexamined'] = []): Examination {
  return { on: 'director', findings, unexamined };
}

test('the worst comes first, with what it breaks, how it was seen and how it is mended', () => {
  assert.equal(
    examinationsText([director([redirects, forwarding])], plain),
    `director
  error   net.ipv4.ip_forward  forwarding-off
    breaks    answers of real servers behind masq are dropped by the director: connections hang
    seen      net.ipv4.ip_forward is 0
    for       203.0.113.10:80
    mend      first
              second
  warning net.ipv4.conf.eth0.send_redirects  redirects-sent
    breaks    the director tells real servers behind masq of a shorter way to clients, which goes past it: answers have the wrong address and connections break after some packets
    seen      net.ipv4.conf.eth0.send_redirects is 1
    mend      sysctl -w net.ipv4.conf.eth0.send_redirects=0

1 machine examined: 1 error, 1 warning
`,
  );
});

test('that all is well is said only where all was seen', () => {
  assert.equal(examinationsText([director([])], plain), '1 machine examined: nothing is wrong\n');
  assert.equal(
    examinationsText([director([], [{ object: 'the clock', reason: 'nobody tells' }])], plain),
    'director\n  not seen: the clock: nobody tells\n\n1 machine examined: 1 not seen\n',
  );
});

test('many services are counted, and no command is cut where texts are', () => {
  const services = Array.from({ length: 11 }, (_, index) => `192.0.2.${index}:80`);
  const command = `ip ${'x'.repeat(100)}`;
  const text = examinationsText([director([{ ...forwarding, for: services, mend: [command] }])], {
    width: 60,
    colour: false,
  });
  assert.match(text, /192\.0\.2\.7:80 and 3\s+more\n/);
  assert.ok(text.includes(`    mend      ${command}\n`));
  for (const line of text.split('\n')) assert.ok(line.length <= 60 || line.includes(command), line);
});

test('what a machine says of itself steers no terminal', () => {
  const evil: Finding = {
    ...forwarding,
    on: { server: 'a\u001b[2J' },
    object: '\u001b]0;x',
    seen: 'a\nb',
    for: ['\r'],
  };
  const text = examinationsText(
    [{ on: evil.on, findings: [evil], unexamined: [{ object: '\u0007', reason: '\u009b' }] }],
    plain,
  );
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/);
});

test('colours stand for how bad it is', () => {
  const text = examinationsText([director([forwarding])], { width: null, colour: true });
  assert.ok(text.includes('\u001b['));
  assert.ok(text.endsWith('\n'));
});
