import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import type { Config, RealServer } from '../../../src/model/config.js';
import { serverName } from '../../../src/model/names.js';
import { isFallback } from '../../../src/model/subject.js';
import { startsAsUp } from '../../../src/reconcile/adoption.js';
import type { Desired } from '../../../src/reconcile/desired.js';
import { unservedOf, useOf } from '../../../src/reconcile/standings/use.js';
import { configOf, host, virtualOf } from '../../helpers/configuration.js';
import { standingsOf, wantedOf } from '../../helpers/standings.js';

/** Destinations as `address:port`, with their weights where these are not 1. */
function shown(table: Desired): string {
  return [...table.values()]
    .flatMap(({ destinations }) => [...destinations])
    .map(([to, { weight }]) => (weight === 1 ? to : `${to} ${weight}`))
    .join(', ');
}

/** Servers that are up are called by their names, fallbacks with an `f` before them. */
function isUpAmong(up: readonly string[]): (real: RealServer) => boolean {
  return (real) => up.includes(`${isFallback(real) ? 'f' : ''}${serverName(real)}`);
}

const [a, b] = ['127.0.0.1:80', '127.0.0.2:80'];
const lines = `\tfallback=${a} masq\n\tfallback=${b} masq\n`;
const web = `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n${lines}`;

describe('fallbacks stand', () => {
  for (const [name, more, up, expected] of [
    ['the last of two, without a word', '', [], b],
    ['none while a real server is in use', 'fallbackuse=all', ['10.0.0.1:80'], '10.0.0.1:80'],
    ['the first of a chain that is not checked', 'fallbackuse=first', [], a],
    ['all that are not checked', 'fallbackuse=all', [], `${a}, ${b}`],
    ['the first that is up', 'fallbackcheck=yes', [`f${a}`, `f${b}`], a],
    ['the second where the first is down', 'fallbackcheck=yes', [`f${b}`], b],
    ['none where all are down', 'fallbackcheck=yes', [], ''],
    ['all that are up', 'fallbackcheck=yes\n\tfallbackuse=all', [`f${a}`, `f${b}`], `${a}, ${b}`],
    ['of all the one that is up', 'fallbackcheck=yes\n\tfallbackuse=all', [`f${b}`], b],
    ['the last line alone, and only if it is up', 'fallbackcheck=yes\n\tfallbackuse=last', [`f${a}`], ''],
    ['beside quiescent servers', 'quiescent=yes\n\tfallbackcheck=yes', [`f${b}`], `10.0.0.1:80 0, ${b}`],
    [
      'not with one of weight 0 in the file that is up',
      'real=10.0.0.2:80 masq 0\n\tfallbackcheck=yes',
      ['10.0.0.2:80', `f${a}`],
      '10.0.0.2:80 0',
    ],
    ['not as the real server of their name does', `real=${a} masq\n\tfallbackcheck=yes`, [a], a],
    ['though the real server of their name is down', `real=${a} masq\n\tfallbackcheck=yes`, [`f${a}`], a],
  ] as const) {
    it(name, () => {
      assert.equal(shown(wantedOf(configOf(`${web}${more === '' ? '' : `\t${more}\n`}`), isUpAmong(up))), expected);
    });
  }

  it('where the first has no address the second does', () => {
    const config = configOf(
      `virtual=192.0.2.1:80\n\tfallback=sorry.example masq\n\tfallback=${b} masq\n\tfallbackuse=first\n`,
    );
    const table = wantedOf(config, () => false);
    assert.equal(shown(table), b);
    assert.equal([...table.values()][0]?.whole, false, 'what stands for the name is not known');
  });

  it('beside one that the table does not take the next one, whose place is not given up', () => {
    const config = configOf(`${web}\tfallbackuse=first\n`);
    const [first = assert.fail(), second = assert.fail()] = config.virtuals[0]?.fallbacks ?? [];
    const stands = (...refused: RealServer[]): string => {
      return shown(wantedOf(config, { isUp: () => false, refused: new Set(refused) }));
    };
    assert.deepEqual(
      [stands(), stands(first), stands(first, second), stands(second)],
      [a, `${a}, ${b}`, `${a}, ${b}`, a],
    );
  });

  it('of two virtuals that are one service, while neither has a server in use, those of both', () => {
    const { global, virtuals } = configOf(
      `${web}\tfallbackcheck=yes\nvirtual=192.0.2.2:80\n\treal=10.0.0.2:80 masq\n\tfallback=127.0.0.3:80 masq\n`,
    );
    const [{ endpoint } = assert.fail()] = virtuals;
    const same = { global, virtuals: virtuals.map((virtual) => ({ ...virtual, endpoint })) };
    assert.equal(shown(wantedOf(same, isUpAmong([`f${b}`]))), `127.0.0.3:80, ${b}`);
    assert.equal(shown(wantedOf(same, isUpAmong([]))), '127.0.0.3:80');
    assert.equal(shown(wantedOf(same, isUpAmong(['10.0.0.2:80', `f${b}`]))), '10.0.0.2:80');
  });
});

describe('belowminimum=fallback', () => {
  const config = configOf(
    `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\treal=10.0.0.2:80 masq\n${lines}\tfallbackcheck=yes\n\tminhealthy=2\n\tbelowminimum=fallback\n`,
  );
  for (const [up, expected] of [
    [['10.0.0.1:80', '10.0.0.2:80', `f${a}`], '10.0.0.1:80, 10.0.0.2:80'],
    [['10.0.0.1:80', `f${a}`], a],
    [['10.0.0.1:80', `f${b}`], b],
    // Few are better than nobody.
    [['10.0.0.1:80'], '10.0.0.1:80'],
    [[], ''],
  ] as const) {
    it(`${up.join(', ') || 'nobody'} up: ${expected || 'nobody'} stands`, () => {
      assert.equal(shown(wantedOf(config, isUpAmong(up))), expected);
      assert.equal(standingsOf(config, { isUp: isUpAmong(up) }).below.size, up.length === 3 ? 0 : 1);
    });
  }
});

/** What a random virtual is like, and who is up in it. */
const pools = fc.record({
  reals: fc.array(fc.boolean(), { maxLength: 3 }),
  fallbacks: fc.array(fc.record({ up: fc.boolean(), hasAddress: fc.boolean() }), { maxLength: 4 }),
  use: fc.constantFrom(null, 'last', 'first', 'all'),
  check: fc.boolean(),
});

test('who stands, beside another way of saying it', () => {
  fc.assert(
    fc.property(pools, ({ reals, fallbacks, use, check }) => {
      const text = [
        'virtual=192.0.2.1:80',
        ...reals.map((_, index) => `real=10.0.0.${index}:80 masq`),
        ...fallbacks.map(
          ({ hasAddress }, index) => `fallback=${hasAddress ? `127.0.0.${index}` : `nobody${index}`}:80 masq`,
        ),
        ...(use === null ? [] : [`fallbackuse=${use}`]),
        `fallbackcheck=${check ? 'yes' : 'no'}`,
      ].join('\n\t');
      const isUp = (real: RealServer): boolean => {
        const index = Number(/\d$/.exec(real.host.name)?.[0]);
        return isFallback(real) ? fallbacks[index]?.up === true : reals[index] === true;
      };
      const expected = new Set(reals.flatMap((up, index) => (up ? [`10.0.0.${index}:80`] : [])));
      if (expected.size === 0) {
        // Gone through backwards: whoever comes earlier takes the place, unless all have one.
        let last = true;
        let chosen: string | null = null;
        for (let index = fallbacks.length - 1; index >= 0; index -= 1) {
          const isLast = last;
          last = false;
          if (!isLast && (use === 'last' || (use === null && !check))) continue;
          if (fallbacks[index]?.hasAddress !== true || (check && !fallbacks[index]?.up)) continue;
          if (use === 'all') expected.add(`127.0.0.${index}:80`);
          chosen = `127.0.0.${index}:80`;
        }
        if (chosen !== null) expected.add(chosen);
      }
      const table = wantedOf(configOf(`${text}\n`), isUp);
      assert.deepEqual(new Set([...table.values()].flatMap(({ destinations }) => [...destinations.keys()])), expected);
    }),
    { numRuns: 1_000 },
  );
});

describe('of a fallback without a result', () => {
  const virtual = virtualOf(`virtual=192.0.2.1:80\n${lines}\tfallbackcheck=yes\n`);
  for (const [answered, expected] of [
    [[], [true, true]],
    [[a], [true, false]],
    [[b], [false, true]],
    [
      [a, b],
      [true, true],
    ],
  ] as const) {
    it(`${answered.join(', ') || 'nobody'} has answered`, () => {
      const names: readonly string[] = answered;
      const hasAnswered = (real: RealServer): boolean => names.includes(serverName(real));
      assert.deepEqual(
        virtual.fallbacks.map((one) => startsAsUp(virtual, one, hasAnswered)),
        expected,
      );
    });
  }
});

describe('clients are refused', () => {
  const unserved = (config: Config, up: readonly string[]): number => {
    const decided = standingsOf(config, { isUp: isUpAmong(up) });
    return unservedOf(config.virtuals, decided, useOf(config.virtuals, decided, new Map()).use).size;
  };
  const checked = configOf(`${web}\tfallbackcheck=yes\n`);

  it('where no real server is in use and every checked fallback is down', () => {
    assert.deepEqual(
      [['10.0.0.1:80'], [`f${b}`], []].map((up) => unserved(checked, up)),
      [0, 0, 1],
    );
  });

  it('not where fallbacks are not checked, or there is none', () => {
    assert.equal(unserved(configOf(web), []), 0);
    assert.equal(unserved(configOf('fallbackcheck=yes\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n'), []), 0);
  });

  it('not while a real server may still be in use', () => {
    const decided = standingsOf(checked, { isUp: () => false, isDecided: () => false });
    assert.equal(unservedOf(checked.virtuals, decided, useOf(checked.virtuals, decided, new Map()).use).size, 0);
  });

  it('not where another virtual of the same service has a fallback', () => {
    const { global, virtuals } = configOf(
      `${web}\tfallbackcheck=yes\nvirtual=192.0.2.2:80\n\tfallback=127.0.0.3:80 masq\n`,
    );
    const [{ endpoint } = assert.fail()] = virtuals;
    assert.equal(unserved({ global, virtuals: virtuals.map((virtual) => ({ ...virtual, endpoint })) }, []), 0);
  });
});

test('what was thought of is thought of anew when another fallback serves', () => {
  const config = configOf(`${web}\tfallbackcheck=yes\n`);
  const memory = new WeakMap();
  const stands = (...up: string[]): string => shown(wantedOf(config, { isUp: isUpAmong(up) }, memory));
  assert.deepEqual([stands(`f${a}`), stands(`f${a}`), stands(`f${b}`), stands()], [a, a, b, '']);
});

test('a name is no fallback before it has an address', () => {
  const { fallbacks } = virtualOf('virtual=192.0.2.1:80\n\tfallback=sorry.example:81\n');
  assert.deepEqual(
    fallbacks.map((one) => one.host),
    [host('sorry.example')],
  );
});
