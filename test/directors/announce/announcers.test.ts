/** Each announcer, by the one suite. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AddressAnnouncer } from '../../../src/directors/announce/by-address.js';
import { CommandAnnouncer } from '../../../src/directors/announce/by-command.js';
import { ExabgpAnnouncer } from '../../../src/directors/announce/by-exabgp.js';
import { addressJournal } from '../../../src/path/addresses/journal.js';
import { AddressKeeper } from '../../../src/path/addresses/keeper.js';
import { noAddresses } from '../../../src/path/addresses/wanted.js';
import { ip, ownNetwork } from '../../helpers/own-network.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { conformance } from './announcer-conformance.js';
import { PipeReader } from './pipe-reader.js';

conformance('exabgp', {
  shows: { well: 'med 100', ill: 'med 1000', leaving: 'med 500 community [65535:0]' },
  stage: async (t, onChange) => {
    const path = join(await temporaryDirectory(t), 'exabgp.in');
    execFileSync('mkfifo', [path]);
    const reader = PipeReader.open(path);
    t.after(() => reader.close());
    const announcer = new ExabgpAnnouncer(path, { onChange, lookDelay: 20 });
    t.after(() => announcer.leave());
    return { announcer, seen: () => reader.routes, told: () => reader.lines.length };
  },
});

conformance('command', {
  shows: { well: 'announce', ill: 'degrade', leaving: 'handover' },
  stage: async (t, onChange) => {
    const folder = await temporaryDirectory(t);
    const [program, told] = [join(folder, 'program'), join(folder, 'told')];
    await writeFile(program, `#!/bin/sh\necho "$@" >> ${told}\n`, { mode: 0o755 });
    await writeFile(told, '');
    const announcer = new CommandAnnouncer({ command: program, publish: () => {}, timeout: () => 30_000, onChange });
    t.after(() => announcer.leave());
    const lines = () => readFileSync(told, 'utf8').split('\n').slice(0, -1);
    const seen = () => {
      const words = new Map(lines().map((line) => line.split(' ').toReversed() as [string, string]));
      return Object.fromEntries([...words].filter(([, word]) => word !== 'withdraw'));
    };
    return { announcer, seen, told: () => lines().length };
  },
});

const skip = ownNetwork();
if (skip === false) {
  ip('link add announce0 type veth peer name announce1');
  for (const end of ['announce0', 'announce1']) ip(`link set ${end} up`);
}

conformance(
  'address',
  {
    shows: { well: 'stands', ill: 'stands', leaving: null },
    stage: async (t: TestContext, onChange: () => void) => {
      void onChange;
      const journal = addressJournal(join(await temporaryDirectory(t), 'vips'));
      const told: unknown[] = [];
      const publish = (event: unknown): void => void told.push(event);
      const keeper = new AddressKeeper({ journal, publish, retryDelay: 50 });
      keeper.want(noAddresses);
      const announcer = new AddressAnnouncer('announce0', keeper);
      t.after(async () => {
        await announcer.leave();
        await keeper.leave();
        ip('addr flush dev announce0 scope global');
      });
      const seen = () => {
        const lines = ip('-o addr show dev announce0 scope global').split('\n').slice(0, -1);
        return Object.fromEntries(lines.map((line) => [/inet6? (\S+)\//.exec(line)?.[1] ?? '', 'stands']));
      };
      return { announcer, seen, told: () => told.length };
    },
  },
  skip,
);
