/** Whether a guest can be had on this machine. */

import { existsSync } from 'node:fs';
import { lacks } from '../helpers/programs.js';
import { compilerMissing, neededLibraries } from './processor.js';

/** From the packages user-mode-linux, kmod, iproute2, iptables, ipvsadm and ldirectord. */
const programs = ['linux.uml', 'modprobe', 'ip', 'iptables', 'ip6tables', 'ipvsadm', 'ldirectord'];
/** Where they are in the guest, whatever the PATH of who runs the tests. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const modules = '/usr/lib/uml/modules';

/** False where a guest can be had; otherwise why not. */
export function guestMissing(): string | false {
  const missing = programs.map((program) => lacks(program, path)).filter((reason) => reason !== false);
  if (!existsSync(modules)) missing.push(`${modules} is not there`);
  const compiler = compilerMissing(neededLibraries());
  if (compiler !== false) missing.push(compiler);
  return missing.length === 0 ? false : missing.join(', ');
}
