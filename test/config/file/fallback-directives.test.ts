import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { serverName } from '../../../src/model/names.js';
import { configOf, parsed, virtualOf } from '../../helpers/configuration.js';

const virtual = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';
const two = '\tfallback=127.0.0.1 masq\n\tfallback=127.0.0.2:81 ipip\n';

function namesIn(text: string): string[] {
  return virtualOf(text).fallbacks.map(serverName);
}

describe('which lines count', () => {
  for (const [name, text, expected] of [
    ['of two lines the last', `${virtual}${two}`, ['127.0.0.2:81']],
    ['of two global lines the last', `fallback=127.0.0.1\nfallback=127.0.0.2\n${virtual}`, ['127.0.0.2:80']],
    ['all with fallbackuse=first', `${virtual}${two}\tfallbackuse=first\n`, ['127.0.0.1:80', '127.0.0.2:81']],
    ['all with fallbackuse=all', `fallbackuse=all\n${virtual}${two}`, ['127.0.0.1:80', '127.0.0.2:81']],
    ['all with fallbackcheck', `${virtual}\tfallbackcheck=yes\n${two}`, ['127.0.0.1:80', '127.0.0.2:81']],
    ['all with a global fallbackcheck', `fallbackcheck=yes\n${virtual}${two}`, ['127.0.0.1:80', '127.0.0.2:81']],
    ['the last without it in the section', `fallbackcheck=yes\n${virtual}\tfallbackcheck=no\n${two}`, ['127.0.0.2:81']],
    ['the last where that is said', `fallbackcheck=yes\n${virtual}\tfallbackuse=last\n${two}`, ['127.0.0.2:81']],
    [
      'all global ones where the section wants them',
      `fallback=127.0.0.1\nfallback=127.0.0.2:81\n${virtual}\tfallbackuse=first\n`,
      ['127.0.0.1:80', '127.0.0.2:81'],
    ],
    [
      'those of the section and none of the global ones',
      `fallbackuse=all\nfallback=127.0.0.9\n${virtual}${two}`,
      ['127.0.0.1:80', '127.0.0.2:81'],
    ],
  ] as const) {
    it(name, () => assert.deepEqual(namesIn(text), expected));
  }

  it('in the section of an IPv6 service the same', () => {
    const text = `virtual6=[2001:db8::1]:80\n\tfallbackuse=first\n\tfallback6=[::1]:81 gate\n\tfallback6=[::2] gate\n`;
    assert.deepEqual(namesIn(text), ['[::1]:81', '[::2]:80']);
  });

  it('the global section has a list of its own', () => {
    const { global } = configOf('fallbackuse=all\nfallback=127.0.0.1\nfallback=127.0.0.2:81\nfallback6=[::1]\n');
    assert.deepEqual(
      [global.fallbacks.map(serverName), global.fallbacks6.map(serverName)],
      [['127.0.0.1:0', '127.0.0.2:81'], ['[::1]:0']],
    );
  });
});

describe('what is said of lines', () => {
  for (const [name, text, expected] of [
    ['nothing of one', `${virtual}\tfallback=127.0.0.1\n`, []],
    [
      'that a later one replaces it',
      `${virtual}\tfallback=127.0.0.1 masq\n\tfallback=127.0.0.2:81 masq\n`,
      [['warning', 'replaced-fallback', 3]],
    ],
    [
      'a port that packets do not come to',
      `${virtual}\tfallback=127.0.0.2:81 ipip\n`,
      [['warning', 'port-not-mapped', 3]],
    ],
    [
      'the same of global ones',
      `fallback=127.0.0.1\nfallback=127.0.0.2\n${virtual}`,
      [['warning', 'replaced-fallback', 1]],
    ],
    [
      'nothing where a section wants both',
      `fallback=127.0.0.1\nfallback=127.0.0.2\n${virtual}\tfallbackuse=first\n`,
      [],
    ],
    [
      'nothing of one that is replaced, but that',
      `${virtual}\tfallback=127.0.0.1:nope\n\tfallback=127.0.0.2\n`,
      [['warning', 'replaced-fallback', 3]],
    ],
    [
      'a wrong one of several',
      `${virtual}\tfallbackuse=first\n\tfallback=127.0.0.1:nope\n\tfallback=127.0.0.2\n`,
      [['error', 'bad-port', 4]],
    ],
    [
      'one that stands twice',
      `${virtual}\tfallbackuse=all\n\tfallback=127.0.0.1\n\tfallback=127.0.0.1:80 masq\n`,
      [['warning', 'duplicate-fallback', 5]],
    ],
    ['another use', `${virtual}\tfallbackuse=some\n`, [['error', 'unknown-fallbackuse', 3]]],
    ['a check of none', `${virtual}\tfallbackcheck=yes\n`, [['warning', 'useless-fallback', 3]]],
    ['a global check of none', `fallbackcheck=yes\n${virtual}`, [['warning', 'useless-fallback', 1]]],
    [
      'what goes with a check, without one',
      `${virtual}\tfallback=127.0.0.1\n\tfallbackservice=http\n`,
      [['warning', 'useless-fallback', 4]],
    ],
    [
      'the same in the global section',
      `fallback=127.0.0.1\nfallbackrequest="sorry"\n${virtual}`,
      [['warning', 'useless-fallback', 2]],
    ],
    [
      'nothing of what a section makes use of',
      `fallbackrequest="sorry"\n${virtual}\tfallback=127.0.0.1\n\tfallbackcheck=yes\n`,
      [],
    ],
    [
      'a mark for a check that has none',
      `${virtual}\tcheckmark=7\n\tfallback=127.0.0.1\n\tfallbackcheck=yes\n\tfallbackservice=oracle\n`,
      [['error', 'wrong-checkmark', 3]],
    ],
  ] as const) {
    it(name, () => {
      const { diagnostics } = parsed(text);
      assert.deepEqual(
        diagnostics.map(({ severity, code, span }) => [severity, code, span.line]),
        expected,
      );
    });
  }
});

test('a virtual takes over what the global section says of checks of fallbacks', () => {
  const globals =
    'fallbackcheck=yes\nfallbackcheckport=81\nfallbackservice=http\nfallbackrequest="a"\nfallbackreceive="b"\n';
  const own = virtualOf(`${globals}${virtual}\tfallback=127.0.0.1\n\tfallbackrequest="c"\n`);
  const { fallbackcheck, fallbackcheckport, fallbackservice, fallbackrequest, fallbackreceive } = own;
  assert.deepEqual(
    [fallbackcheck, fallbackcheckport, fallbackservice, fallbackrequest, fallbackreceive?.source],
    [true, 81, 'http', '/c', 'b'],
  );
});
