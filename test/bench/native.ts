/** The programs in C that the benchmark needs, made anew for each run. */

import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../helpers/repository.js';

const execute = promisify(execFile);

export interface Native {
  /** Writes down when checks arrive. */
  readonly arrivals: string;
  /** Clients of a balancer. */
  readonly clients: string;
  /** Lets keepalived run without IPVS. */
  readonly keepalivedShim: string;
  /** Takes the place of ipvsadm: it accepts everything, and its table is empty. */
  readonly ipvsadm: string;
}

const source = (name: string): string => join(repository, 'test/bench/native', name);

export async function makeNative(folder: string): Promise<Native> {
  const native = {
    arrivals: join(folder, 'arrivals-program'),
    clients: join(folder, 'clients-program'),
    keepalivedShim: join(folder, 'keepalived-shim.so'),
    ipvsadm: join(folder, 'ipvsadm'),
  };
  const programs = [
    [native.arrivals, source('arrivals.c')],
    [native.clients, source('clients.c')],
  ] as const;
  for (const [program, text] of programs) {
    await execute('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, text]);
  }
  const library = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'];
  await execute('gcc', [...library, '-o', native.keepalivedShim, source('keepalived-shim.c'), '-ldl']);
  await writeFile(native.ipvsadm, '#!/bin/sh\n');
  await chmod(native.ipvsadm, 0o755);
  return native;
}
