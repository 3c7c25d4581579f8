import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { checkOf } from '../../helpers/check.js';
import { listen } from '../../helpers/listener.js';
import { ownHostName, setHostName } from '../../helpers/own-host-name.js';
import { postfixMissing, startPostfix } from '../../helpers/servers/postfix.js';
import { assertVerdict, verdict } from '../../helpers/verdict.js';

const smtp = (changes: Partial<Check> = {}) => checkOf({ service: 'smtp', ...changes });
const up = [true, 'response: 250 you'] as const;

/** What a check says to a server that takes only such greetings, and what comes of it. */
async function greetings(takes: RegExp, address?: string): Promise<{ said: string[]; found: unknown }> {
  const said: string[] = [];
  const server = await listen((socket) => {
    socket.write('220 hi\r\n');
    socket.on('data', (data) => {
      const text = data.toString().trim();
      if (text === 'QUIT') return;
      said.push(text);
      socket.write(takes.test(text) ? '250 you\r\n' : '501 Syntactically invalid HELO argument(s)\r\n');
    });
  }, address);
  try {
    return { said, found: await verdict(smtp({ address: server.address, port: server.port })) };
  } finally {
    await server.close();
  }
}

describe('smtp, from a host with another name', { skip: ownHostName() }, () => {
  it('greets with a name of labels and dots', async () => {
    setHostName('lb-1.example.com');
    assert.deepEqual(await greetings(/^EHLO lb-1\.example\.com$/), { said: ['EHLO lb-1.example.com'], found: up });
  });

  it('greets with its address where its name is none for a mail server', async () => {
    for (const name of ['lb_1', 'vm', 'lb_1.example.com']) {
      setHostName(name);
      assert.deepEqual(await greetings(/^EHLO \[127\.0\.0\.1\]$/), { said: ['EHLO [127.0.0.1]'], found: up });
    }
    assert.deepEqual(await greetings(/^EHLO \[IPv6:::1\]$/, '::1'), { said: ['EHLO [IPv6:::1]'], found: up });
  });

  it('tries other names where one is refused, with EHLO, which a login needs', async () => {
    setHostName('lb.example.com');
    const said = ['EHLO lb.example.com', 'EHLO [127.0.0.1]', 'EHLO localhost.localdomain'];
    assert.deepEqual(await greetings(/ \[/), { said: said.slice(0, 2), found: up });
    assert.deepEqual(await greetings(/ localhost/), { said, found: up });
    assert.deepEqual(await greetings(/^HELO /), { said: [...said, 'HELO localhost.localdomain'], found: up });
    const refused = [false, 'query: the server says "501 Syntactically invalid HELO argument(s)"'];
    assert.deepEqual((await greetings(/x^/)).found, refused);
  });

  it('postfix that wants whole names', { skip: postfixMissing }, async () => {
    const restrictions = 'reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, reject_unknown_helo_hostname';
    const settings = [`smtpd_helo_restrictions = ${restrictions}`, 'smtpd_delay_reject = no'];
    const server = await startPostfix({ settings });
    try {
      for (const name of ['lb_1', 'vm']) {
        setHostName(name);
        await assertVerdict(smtp({ port: server.port }), true, /^response: 250 /, server.log());
      }
      assert.doesNotMatch(server.log(), /reject/);
    } finally {
      await server.close();
    }
  });
});
