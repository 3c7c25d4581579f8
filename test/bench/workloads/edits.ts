/** A file that is edited with `autoreload`, in the ways in which editors and deployments save one. */

import { rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.js';
import { type Peer, startPeer } from '../peers/peer.js';
import type { Readings } from '../results.js';
import { oneService, targets } from '../scenario.js';
import { median } from '../statistics.js';
import type { Workload } from './workload.js';

const saves = {
  'in place': (file: string, text: string) => writeFile(file, text),
  'by rename': async (file: string, text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  },
  'by swapped link': async (file: string, text: string) => {
    const target = `${file}.${performance.now()}`;
    await writeFile(target, text);
    await symlink(target, `${file}.link`);
    await rename(`${file}.link`, file);
  },
} as const;

/** Milliseconds for the program to start, or to notice. */
const patience = 20_000;

export function editsWork(edits: number): Workload {
  return {
    name: 'edits',
    title: 'edit of the file to a changed weight, autoreload',
    peers: ['ours'],
    rounds: 1,
    measures: Object.keys(saves).map((name) => ({ name, unit: 'ms' })),
    measure: (bench, peer) => measure(bench, peer, edits),
  };
}

async function measure(bench: Bench, peer: Peer, edits: number): Promise<Readings> {
  const file = join(bench.folder, `${peer.name}.cf`);
  const servers = targets(1, bench.load.http);
  const scenario = { kind: 'http', services: oneService(servers), interval: 1, timeout: 3 } as const;
  const autoreload: Peer = { ...peer, configuration: (which) => `autoreload=yes\n${peer.configuration(which)}` };
  const { program } = await startPeer(bench, autoreload, scenario);
  await program.lines(/Added real server/, 1, patience);
  const readings: Record<string, number> = {};
  let weight = 1;
  for (const [name, save] of Object.entries(saves)) {
    const times: number[] = [];
    for (let edit = 0; edit < edits; edit += 1) {
      weight += 1;
      const services = oneService(servers.map((server) => ({ ...server, weight })));
      const seen = program.lines(new RegExp(`\\(Weight set to ${weight}\\)`), 1, patience);
      seen.catch(() => {});
      const begin = performance.now();
      await save(file, autoreload.configuration({ ...scenario, services }));
      const [line] = await seen;
      times.push((line?.at ?? Number.NaN) - begin);
    }
    readings[name] = median(times);
  }
  return readings;
}
