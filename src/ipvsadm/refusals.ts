/** The kernel's refusals in ipvsadm's words. */

import type { Failure, Operation } from '../ipvs/backend.js';
import type { Request } from './request.js';

type Action = Operation['type'] | Exclude<Request['do'], 'change'>;

const unknownModule = 'Scheduler or persistence engine not found';
const noService = 'No such service';
const undefinedService = 'Service not defined';
const noDestination = 'No such destination';

const words: Readonly<Partial<Record<Action, Readonly<Record<string, string>>>>> = {
  'add-service': { EEXIST: 'Service already exists', ENOENT: unknownModule },
  'edit-service': { ESRCH: noService, ENOENT: unknownModule },
  'delete-service': { ESRCH: noService },
  'add-destination': { ESRCH: undefinedService, EEXIST: 'Destination already exists' },
  'edit-destination': { ESRCH: undefinedService, ENOENT: noDestination },
  'delete-destination': { ESRCH: undefinedService, ENOENT: noDestination },
  zero: { ESRCH: noService },
  'start-daemon': { EEXIST: 'Daemon has already run' },
  'stop-daemon': { ESRCH: 'No daemon is running' },
};

const general: Readonly<Record<string, string>> = {
  EINVAL: 'Invalid operation.  Possibly wrong module version, address not unicast, ...',
  EPERM: 'Permission denied (you must be root)',
  ENODEV: 'No such device',
  ENETUNREACH: 'Network is unreachable',
  ENOMEM: 'Cannot allocate memory',
  ERANGE: 'Numerical result out of range',
};

/** What is not known here is said as the failure says it. */
export function refusalWords(action: Action, { code, message }: Failure): string {
  return words[action]?.[code] ?? general[code] ?? message;
}
