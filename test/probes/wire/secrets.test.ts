import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printable } from '../../../src/probes/failure.js';
import { redact } from '../../../src/probes/wire/secrets.js';
import { checkOf } from '../../helpers/check.js';

const base = { login: 'monitor', passwd: 'hunter2 & co', secret: 'shibboleth' } as const;
const headers = [
  { name: 'Authorization', value: 'Bearer 0123456789abcdef' },
  { name: 'X-Short', value: 'body' },
];
const check = checkOf({ ...base, http: { ...checkOf({}).http, headers } });

describe('secrets in reasons', () => {
  const sent = [
    'hunter2 & co',
    'shibboleth',
    'hunter2%20%26%20co',
    Buffer.from('monitor:hunter2 & co').toString('base64'),
    Buffer.from('\0monitor\0hunter2 & co').toString('base64'),
    Buffer.from('hunter2 & co').toString('base64'),
    '0123456789abcdef',
    'Bearer 0123456789abcdef',
  ];
  for (const secret of sent) {
    it(secret, () => {
      assert.equal(redact(`query: no "${secret}" here, ${secret}`, check), 'query: no "***" here, ***');
    });
    it(`${secret}, wherever a long text is cut`, () => {
      for (let before = 150; before <= 200; before += 1) {
        const reason = redact(`query: ${printable(`${'x'.repeat(before)}${secret}${'y'.repeat(100)}`)}`, check);
        assert.ok(!reason.includes(secret.slice(0, 5)), reason);
      }
    });
  }

  it('takes the password out of an address', () => {
    const own = checkOf({ request: 'http://joe:hunter2@192.0.2.1/' });
    const basic = Buffer.from('joe:hunter2').toString('base64');
    assert.equal(
      redact(`request: "${own.request}" is not an address`, own),
      'request: "http://joe:***@192.0.2.1/" is not an address',
    );
    assert.equal(redact(`status 302 to /${basic}`, own), 'status 302 to /***');
  });

  it('leaves ordinary words', () => {
    assert.equal(redact('response body: no match', check), 'response body: no match');
  });
});
