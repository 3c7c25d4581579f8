/** The command line of ipvsadm, and of the two scripts that come with it, on this program's own client. */

import { readFile } from 'node:fs/promises';
import { KernelClient } from '../ipvs/kernel/client.js';
import { KernelError } from '../ipvs/kernel/errors.js';
import { parseServices, type ServicePorts } from '../system/port-names.js';
import { parseArguments } from './arguments.js';
import { execute, type Workplace } from './execute.js';
import { HostAddresses } from './host-addresses.js';
import type { IpvsadmName } from './names.js';
import { type Request, status, WrongArguments } from './request.js';
import { restore } from './restore.js';
import type { Terminal } from './terminal.js';
import { usage, versionText } from './usage.js';

/** Gives the exit status. */
export type Program = (words: readonly string[], terminal: Terminal) => Promise<number>;

/** By what they are called. */
export const ipvsadmPrograms: Readonly<Record<IpvsadmName, Program>> = {
  ipvs: ipvsadm,
  ipvsadm,
  'ipvsadm-save': save,
  'ipvsadm-restore': (_, terminal) => replace(terminal),
};

const servicesFile = '/etc/services';

async function ipvsadm(words: readonly string[], terminal: Terminal): Promise<number> {
  // Numbers alone where the file is missing, as ipvsadm prints and takes them.
  const ports = parseServices(await readFile(servicesFile, 'utf8').catch(() => ''));
  try {
    const request: Request = parseArguments(words.length === 0 ? ['-L'] : words, ports);
    if (request.do === 'help' || request.do === 'version') {
      await terminal.print(request.do === 'help' ? usage : versionText);
      return status.done;
    }
    return await withDirector(ports, terminal, (director) =>
      request.do === 'restore' ? restore(terminal.input(), director) : execute(request, director),
    );
  } catch (error) {
    if (!(error instanceof WrongArguments)) throw error;
    terminal.complain(error.message);
    return error.status;
  }
}

/** `ipvsadm-save [-n]`: words that are no options count for nothing. */
async function save(words: readonly string[], terminal: Terminal): Promise<number> {
  const options = words.filter((word) => word.startsWith('-'));
  if (options.some((option) => option !== '-n')) {
    await terminal.print('ipvsadm-save [-n]: prints the table of Linux Virtual Server; -n: without names\n');
    return 1;
  }
  return ipvsadm(options.length === 0 ? ['-S'] : ['-S', '-n'], terminal);
}

/** `ipvsadm-restore`: the table that standard input says, in place of the one that stands. */
async function replace(terminal: Terminal): Promise<number> {
  const code = await ipvsadm(['-C'], terminal);
  return code === status.done ? ipvsadm(['-R'], terminal) : code;
}

async function withDirector(
  ports: ServicePorts,
  terminal: Terminal,
  work: (director: Workplace) => Promise<number>,
): Promise<number> {
  const client = new KernelClient();
  try {
    const info = await client.info();
    return await work({ client, info, ports, addresses: new HostAddresses(), terminal });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    terminal.complain(`Can't initialize ipvs: ${reasons[error.code] ?? error.message}`);
    terminal.complain('Are you sure that IP Virtual Server is built in the kernel or as module?');
    return status.unusable;
  } finally {
    await client.close();
  }
}

const reasons: Readonly<Record<string, string>> = {
  EPERM: 'Permission denied (you must be root)',
  ENOENT: 'Protocol not available',
};
