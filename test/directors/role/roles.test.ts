import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { always } from '../../../src/directors/role/always.js';
import { AddressRole } from '../../../src/directors/role/by-address.js';
import { CommandRole } from '../../../src/directors/role/by-command.js';
import { ip, ownNetwork } from '../../helpers/own-network.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { roleConformance } from './conformance.js';

const skip = ownNetwork();
let devices = 0;

test('without anybody who elects a director is active for everything', async () => {
  await always.follow(new Set(['192.0.2.1']));
  const { word, held, fault } = always.state;
  assert.deepEqual([word, held, fault], ['active', null, null]);
  await always.close();
});

roleConformance('address', skip, (t) => {
  devices += 1;
  const device = `d${devices}`;
  ip(`link add ${device} type veth peer name p${devices}`);
  t.after(() => ip(`link del ${device}`));
  const standing = new Set<string>();
  const add = (address: string): void =>
    void ip(`addr add ${address}/${address.includes(':') ? 128 : 32} dev ${device}`);
  const remove = (address: string): void =>
    void ip(`addr del ${address}/${address.includes(':') ? 128 : 32} dev ${device}`);
  return {
    open: (onChange) => new AddressRole({ onChange, own: async () => new Map() }),
    elect: (addresses) => {
      for (const address of addresses) if (!standing.has(address)) add(address);
      for (const address of standing) if (!addresses.includes(address)) remove(address);
      standing.clear();
      for (const address of addresses) standing.add(address);
    },
  };
});

roleConformance('command', false, async (t) => {
  const file = join(await temporaryDirectory(t), 'role');
  await writeFile(file, 'passive\n');
  return {
    open: (onChange) => new CommandRole({ onChange, program: `cat ${file}`, interval: 20, timeout: 10_000 }),
    elect: async (addresses) => {
      await writeFile(`${file}.new`, addresses.length === 0 ? 'passive\n' : `active ${addresses.join('\n')}\n`);
      await rename(`${file}.new`, file);
    },
  };
});
