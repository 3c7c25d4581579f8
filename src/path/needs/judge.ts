/** Whether a machine has what it needs, and what of it has to be read to say so. */

import { type Machine, type MachineQuestions, routeKey } from '../machine.js';
import type { Need } from '../need.js';
import { answersQuestion, gatewayQuestion } from './answers-route.js';

export type { MachineQuestions } from '../machine.js';

/** The kernel changes the second one along with the first. */
export const forwardingKey = 'net.ipv4.ip_forward';
export const redirectsKey = 'net.ipv4.conf.all.accept_redirects';

/** Beside what is read of every machine; each once. */
export function questionsOf(needs: readonly Need[]): MachineQuestions {
  const sysctls = needs.flatMap((need) => {
    if (need.kind !== 'sysctl') return [];
    return [need.key, ...need.beside, ...(need.key === forwardingKey ? [redirectsKey] : [])];
  });
  const routes = needs.flatMap((need) =>
    need.kind === 'answers' ? [answersQuestion(need), gatewayQuestion(need)] : [],
  );
  return {
    sysctls: [...new Set(sysctls)],
    routes: [...new Map(routes.map((question) => [routeKey(question), question])).values()],
  };
}

export function isMet(need: Need, machine: Machine): boolean {
  switch (need.kind) {
    case 'sysctl':
      return isOneOf([need.value, ...need.also], effectiveValue(need, machine));
    case 'module':
      return isLoaded(need.name, machine);
    case 'link':
      return machine.links.get(need.name)?.isUp === true;
    case 'address':
      return machine.addresses.some(({ family, address, prefix, device }) => {
        return family === need.family && address === need.address && prefix === need.prefix && device === need.device;
      });
    case 'answers':
      return machine.routes.get(routeKey(answersQuestion(need)))?.gateway === need.gateway;
  }
}

function isOneOf(values: readonly string[], value: string | null): boolean {
  return values.some((one) => plainValue(one) === value);
}

/** What counts in the end; null where the kernel has no such setting. */
function effectiveValue({ key, beside }: Need & { kind: 'sysctl' }, { sysctls }: Machine): string | null {
  const own = sysctls.get(key);
  if (own === undefined) return null;
  const others = beside.flatMap((other) => sysctls.get(other) ?? []);
  if (others.length === 0) return plainValue(own);
  return String(Math.max(...[own, ...others].map(Number)));
}

/** The kernel has a tab between two numbers, people have a space. */
export function plainValue(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

/** `ip_vs` and `ip-vs` are the same to modprobe(8), and the kernel says `ip_vs`. */
export function isLoaded(name: string, { modules }: Machine): boolean {
  return modules.has(name) || modules.has(name.replaceAll('-', '_'));
}
