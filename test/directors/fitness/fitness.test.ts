import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitnessOf } from '../../../src/directors/fitness/fitness.js';
import type { Config, RealServer } from '../../../src/model/config.js';
import { configOf } from '../../helpers/configuration.js';
import { standingsOf } from '../../helpers/standings.js';

/** Services of two servers each, with these lines more. */
function services(count: number, more = ''): Config {
  const sections = Array.from(
    { length: count },
    (_, index) =>
      `virtual=192.0.2.${index + 1}:80\n\treal=10.0.${index}.1:80 gate\n\treal=10.0.${index}.2:80 gate\n\tchecktype=connect\n${more}`,
  );
  return configOf(sections.join('\n'));
}

function fitness(config: Config, down: RegExp, open = /^$/, held = /^$/) {
  const isMeant = (pattern: RegExp) => (real: RealServer) => pattern.test(real.host.name);
  const reals = config.virtuals.flatMap(({ realServers }) => realServers);
  const hold = { how: 'drain', by: 'hand', until: null, reason: 'drained' } as never;
  return fitnessOf(
    standingsOf(config, {
      isUp: (real) => !isMeant(down)(real),
      isDecided: (real) => !isMeant(open)(real),
      inForce: { held: new Map(reals.filter(isMeant(held)).map((real) => [real, hold])) },
    }),
  );
}

test('the share of services that have a server', () => {
  const four = services(4);
  assert.deepEqual(fitness(four, /^$/), { share: 100, open: 0 });
  assert.deepEqual(fitness(four, /^10\.0\.1\.1$/), { share: 100, open: 0 });
  assert.deepEqual(fitness(four, /^10\.0\.1\./), { share: 75, open: 0 });
  assert.deepEqual(fitness(four, /^10\./), { share: 0, open: 0 });
  assert.deepEqual(fitness(configOf(''), /^$/), { share: 100, open: 0 });
});

test('one that is lost of many shows, and so does one that is left', () => {
  const many = services(200);
  assert.deepEqual(fitness(many, /^10\.0\.7\./), { share: 99, open: 0 });
  assert.deepEqual(fitness(many, /^10\.0\.(?!7\.)/), { share: 1, open: 0 });
});

test('too few of a minimum are too few', () => {
  assert.deepEqual(fitness(services(2, '\tminhealthy=2\n'), /^10\.0\.1\.1$/), { share: 50, open: 0 });
});

test('what is not known yet does not count', () => {
  assert.deepEqual(fitness(services(4), /^10\.0\.1\./, /^10\.0\.[01]\./), { share: 100, open: 2 });
  assert.deepEqual(fitness(services(2), /^$/, /./), { share: 0, open: 2 });
});

test('whom somebody holds out does not count, but the others do', () => {
  const two = services(2);
  assert.deepEqual(fitness(two, /^$/, /^$/, /^10\.0\.1\./), { share: 100, open: 0 });
  assert.deepEqual(fitness(two, /^10\.0\.1\.2$/, /^$/, /^10\.0\.1\.1$/), { share: 50, open: 0 });
});
