import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exposition, labelText, moreLabel, withLabel } from '../../../src/observe/metrics/exposition.js';
import { Labels } from '../../../src/observe/metrics/labels.js';

const values = [
  0,
  1,
  9,
  10,
  99,
  100,
  65_535,
  2 ** 30 - 1,
  2 ** 30,
  2 ** 53,
  0.5,
  1_795_000_000.123,
  -1,
  -0,
  1e21,
  1e-7,
];
const numbers = [...values, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const name = 'ldirectord_server_up';

function labelled(): { readonly labels: Labels; readonly texts: readonly string[] } {
  const texts = ['10.0.0.1:80', '[2001:db8::1]:80', 'a"b\\c\nd', 'größe', '机器', '🙂', ''].map((server) =>
    labelText({ protocol: 'tcp', server }),
  );
  const labels = new Labels();
  for (const text of texts) labels.add(text);
  return { labels, texts };
}

test('samples of very many are written as those of a few are', () => {
  const { labels, texts } = labelled();
  const [few, many] = [new Exposition(), new Exposition()];
  const bytes = Buffer.from(name);
  for (const value of numbers) {
    for (const [place, text] of texts.entries()) {
      few.sample(name, text, value);
      many.sampleAt(bytes, labels, place, value);
      few.sample(name, withLabel(text, 'to', 'up'), value);
      many.sampleWith(bytes, labels, place, moreLabel('to', 'up'), value);
    }
  }
  assert.equal(Buffer.concat(many.end()).toString(), Buffer.concat(few.end()).toString());
});

test('what is written comes in portions of about the same size, with nothing lost between them', () => {
  const { labels, texts } = labelled();
  const to = new Exposition();
  const bytes = Buffer.from(name);
  const wanted: string[] = [];
  const portions: Buffer[] = [];
  for (let value = 0; value < 20_000; value += 1) {
    to.sampleAt(bytes, labels, 0, value);
    wanted.push(`${name}${texts[0]} ${value}\n`);
    portions.push(...to.take());
  }
  const long = 'x'.repeat(300_000);
  to.sample(long, '', 1);
  portions.push(...to.end());
  assert.equal(Buffer.concat(portions).toString(), `${wanted.join('')}${long} 1\n`);
  assert.ok(portions.length > 5 && portions.every(({ length }) => length <= long.length + 10));
  assert.deepEqual(to.end(), []);
});

test('labels are kept as they were given', () => {
  const { labels, texts } = labelled();
  assert.deepEqual([...labels], texts);
  for (let more = 0; more < 1_000; more += 1) labels.add(`{server="${more}"}`);
  assert.equal(labels.size, texts.length + 1_000);
  assert.deepEqual([...labels].slice(0, texts.length), texts);
  assert.equal([...labels].at(-1), '{server="999"}');
});
