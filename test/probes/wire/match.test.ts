import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Pattern } from '../../../src/model/config.js';
import { withDialogue } from '../../../src/probes/wire/dialogue.js';
import { readMatch, requireMatch, type Wanted } from '../../../src/probes/wire/match.js';
import { direct, receive } from '../../helpers/check.js';
import { listen } from '../../helpers/listener.js';

/** What a server says and then closes, read with these wishes. */
async function read(said: readonly (string | Buffer)[], wanted: Partial<Wanted>): Promise<string> {
  const server = await listen((socket) => {
    for (const piece of said) socket.write(piece);
    socket.end();
  });
  const target = { address: server.address, port: server.port, route: direct, tls: null };
  const all: Wanted = { receive: null, phase: 'response', bound: 1000, whole: () => false, ...wanted };
  try {
    const bytes = await withDialogue(target, AbortSignal.timeout(10_000), (dialogue) => readMatch(dialogue, all));
    return bytes.toString('latin1');
  } finally {
    await server.close();
  }
}

describe('readMatch', () => {
  it('reads until a match, or all', async () => {
    assert.equal(await read(['one two'], { receive: receive('two$') }), 'one two');
    assert.equal(await read(['one two'], { whole: (said) => said.includes('two') }), 'one two');
  });

  it('says what there was instead of a match', async () => {
    const pattern = receive('three');
    const none = /^ProbeFailure: response: no match for "three" in "one two"$/;
    await assert.rejects(read(['one two'], { receive: pattern }), none);
    await assert.rejects(read(['one two'], { receive: pattern, whole: (said) => said.includes('two') }), none);
    await assert.rejects(read(['x'.repeat(2000)], { receive: pattern }), /no match for "three" in "xxx/);
  });

  it('says what happened where nothing was said, or nothing is to match', async () => {
    const closed = /^ProbeFailure: response: closed by the server/;
    await assert.rejects(read([], { receive: receive('three') }), closed);
    await assert.rejects(read(['one'], {}), closed);
  });
});

describe('requireMatch', () => {
  /** Whether these bytes match. */
  function holds(said: Buffer, pattern: Pattern | null): boolean {
    const dialogue = { quoted: (text: string) => text };
    try {
      requireMatch(dialogue, said, pattern, 'response');
      return true;
    } catch {
      return false;
    }
  }

  it('takes anything without a pattern', () => {
    assert.equal(holds(Buffer.from([0xff]), null), true);
  });

  it('finds a text in UTF-8, and the beginning of one that was cut anywhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.nat(80), (text, cut) => {
        const bytes = Buffer.from(`é${text}`);
        assert.equal(holds(bytes, { source: '', regex: /^é/u }), true);
        assert.equal(holds(bytes.subarray(0, Math.max(2, cut)), { source: '', regex: /^é/u }), true);
      }),
    );
  });

  it('finds a byte in what is not UTF-8, wherever it stands', () => {
    for (const said of ['caf\xe9', 'caf\xe9 ol\xe9', '\xff caf\xe9']) {
      assert.equal(holds(Buffer.from(said, 'latin1'), { source: '', regex: /caf\xe9/u }), true);
    }
  });

  it('reads UTF-8 as bytes too, where the pattern is of ASCII', () => {
    const page = Buffer.from('\ufeffok café');
    for (const pattern of ['caf\\xc3\\xa9', '[\\x80-\\xff]', '^\\xef\\xbb\\xbfok', 'caf..$', 'caf.$', 'café']) {
      assert.equal(holds(page, receive(pattern)), true, pattern);
    }
    assert.equal(holds(page, receive('Ã')), false, 'two characters of another language');
    assert.equal(holds(page, receive('^(?!.*é)')), false, 'what must not come is there');
    assert.equal(holds(page, receive('caf\\xc4')), false);
  });
});
