import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviseOnPackets } from '../../../src/config/diagnostics/packet-advice.js';
import { configOf } from '../../helpers/configuration.js';

const section = (...lines: string[]): string => ['virtual=192.0.2.1', 'real=10.0.0.1 masq', ...lines].join('\n\t');
const marked = `${section('ports=80,443')}\n`;
const natted = `${section('snat=yes').replace('192.0.2.1', '192.0.2.2:80').replace('10.0.0.1', '10.0.0.1:80')}\n`;

async function told(text: string, isThere: boolean): Promise<string[]> {
  const found = await adviseOnPackets(configOf(text), async () => isThere);
  return found.map(({ code, span }) => `${span.line} ${code}`);
}

test('ports and snat without nft are warned of, once for the file', async () => {
  assert.deepEqual(await told(marked, false), ['1 nft-missing']);
  assert.deepEqual(await told(natted, false), ['1 nft-missing']);
  assert.equal((await told(`${marked}\n${natted}`, false)).length, 1);
  assert.deepEqual(await told(`${marked}\n${natted}`, true), []);
});

test('who needs no nft is not asked whether it is there', async () => {
  const never = (): Promise<boolean> => assert.fail('asked');
  assert.deepEqual(await adviseOnPackets(configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n'), never), []);
});
