/** A command line of ipvsadm, word by word, to what it asks for. */

import type { Operation } from '../ipvs/backend.js';
import type { Destination, Service, ServiceIdentity } from '../ipvs/table.js';
import type { ServicePorts } from '../system/port-names.js';
import { Draft, longestTimeout } from './draft.js';
import { integer } from './endpoint.js';
import { assertFitting, assertFlags } from './fitting.js';
import type { CommandName } from './options.js';
import { noCommand, type Request, status, type View, WrongArguments } from './request.js';
import { tunnelOf } from './tunnel.js';
import { readWords } from './words.js';

/**
 * The words are those after the program's name. Throws WrongArguments; of several mistakes the one that ipvsadm
 * would report, except that hosts are not resolved here.
 */
export function parseArguments(words: readonly string[], ports: ServicePorts): Request {
  const { given, rest, problem } = readWords(words);
  const [first, ...others] = given;
  const command = first?.option.command;
  if (!first || !command) throw noCommand();
  if (command === 'help' || command === 'version') return { do: command };
  const daemonState = stateOf(command, first.value);
  const draft = new Draft(ports);
  for (const { option, value, word } of others) {
    if (option.command) throw new WrongArguments(`invalid option \`${word}'`);
    draft.take(option, value);
  }
  if (problem !== null) throw new WrongArguments(problem, { status: status.refused, isFinal: false });

  const timeouts = command === 'set' ? timeoutsOf(rest) : [];
  const [unexpected] = rest.slice(timeouts.length);
  if (unexpected !== undefined) throw new WrongArguments(`unexpected argument ${unexpected}`);
  assertFlags(draft);
  assertFitting(command, draft.given);
  const [tcp = 0, tcpFin = 0, udp = 0] = timeouts;
  switch (command) {
    case 'add-service':
    case 'edit-service':
      return change({ type: command, service: serviceOf(draft) });
    case 'delete-service':
      return change({ type: command, service: identityOf(draft) });
    case 'add-server':
      return change({ type: 'add-destination', ...serverOf(draft) });
    case 'edit-server':
      return change({ type: 'edit-destination', ...serverOf(draft) });
    case 'delete-server': {
      const { service, destination } = placeOf(draft);
      return change({ type: 'delete-destination', service, destination });
    }
    case 'flush':
      return { do: 'clear' };
    case 'restore':
      return { do: 'restore' };
    case 'save':
      return { do: 'save', numeric: draft.given.has('numeric') };
    case 'list':
      return listOf(draft);
    case 'zero':
      return { do: 'zero', service: draft.service };
    case 'set':
      return { do: 'set-timeouts', timeouts: { tcp, tcpFin, udp } };
    case 'start-daemon':
      return { do: 'start-daemon', daemon: { state: daemonState, ...daemonOf(draft) } };
    case 'stop-daemon':
      return { do: 'stop-daemon', state: daemonState };
  }
}

function change(operation: Operation): Request {
  return { do: 'change', operation };
}

function stateOf(command: CommandName, value: string | null): 'master' | 'backup' {
  if (value === 'backup' || value === 'master') return value;
  if (command === 'start-daemon') throw new WrongArguments('illegal start-daemon parameter specified');
  if (command === 'stop-daemon') throw new WrongArguments('illegal start_daemon specified');
  return 'master';
}

function timeoutsOf(rest: readonly string[]): number[] {
  const values = rest.slice(0, 3);
  if (values.length < 3) throw new WrongArguments('--set option requires 3 timeout values');
  return values.map((text) => {
    const seconds = integer(text, 0, longestTimeout);
    if (seconds === null) throw new WrongArguments(`invalid timeout value \`${text}' specified`);
    return seconds;
  });
}

function identityOf({ service }: Draft): ServiceIdentity {
  if (!service) throw new Error('a command without its service was let through');
  return service;
}

function serviceOf(draft: Draft): Service {
  const identity = identityOf(draft);
  const { scheduler, schedulerFlags, persistent, mask, given, engine } = draft;
  const ops = given.has('ops');
  if (identity.protocol !== 'fwm' && identity.port === 0 && persistent === 0) {
    throw new WrongArguments('Zero port specified for non-persistent service');
  }
  if (ops && identity.protocol !== 'fwm' && identity.protocol !== 'udp') {
    throw new WrongArguments('One-Packet Scheduling is only for UDP virtual services');
  }
  return {
    ...identity,
    ...{ scheduler, schedflags: [...new Set(schedulerFlags)], persistent, ...mask, ops },
    ...(engine !== '' && { persistenceEngine: engine }),
  };
}

interface Place {
  readonly service: ServiceIdentity;
  readonly destination: Pick<Destination, 'address' | 'port'>;
}

function placeOf(draft: Draft): Place {
  if (!draft.server) throw new Error('a command without its real server was let through');
  const { server, serverPort } = draft;
  return { service: identityOf(draft), destination: { address: server.host, port: serverPort } };
}

function serverOf(draft: Draft): { service: ServiceIdentity; destination: Destination } {
  const { service, destination } = placeOf(draft);
  const { forward, weight, upperThreshold, lowerThreshold } = draft;
  if (draft.server?.family !== service.family && forward !== 'ipip') {
    throw new WrongArguments('Different address family is allowed only for tunneling servers');
  }
  const tunnel = tunnelOf(draft);
  // Only masquerading can change the port; with the other methods packets arrive at the service's.
  const port = service.protocol !== 'fwm' && forward !== 'masq' ? service.port : destination.port;
  return {
    service,
    destination: { ...destination, port, forward, weight, upperThreshold, lowerThreshold, ...(tunnel && { tunnel }) },
  };
}

function daemonOf({ interface: name, syncId, maxLength, group, port, ttl }: Draft) {
  return {
    interface: name,
    syncId,
    ...(maxLength !== undefined && { maxLength }),
    ...(group !== undefined && { group }),
    ...(port !== undefined && { port }),
    ...(ttl !== undefined && { ttl }),
  };
}

/** What is listed in place of the table. */
const others = ['connection', 'service-address', 'timeout', 'daemon'] as const;
const columns = ['stats', 'rate', 'thresholds', 'persistent-conn', 'tun-info'] as const;

function listOf({ given, service }: Draft): Request {
  const [kind, other] = others.filter((name) => given.has(name));
  if (other) {
    throw new WrongArguments(`The option '${other}' conflicts with the '${kind}' option in the 'list' command`);
  }
  const numeric = given.has('numeric');
  const engines = given.has('persistent-conn');
  const hasColumns = given.has('stats') || given.has('rate') || given.has('thresholds');
  if (kind && kind !== 'service-address' && (hasColumns || (engines && kind !== 'connection'))) {
    throw new WrongArguments('options conflicts in the list command');
  }
  switch (kind) {
    case 'connection':
      return { do: 'list-connections', numeric, engines };
    case 'timeout':
      return { do: 'list-timeouts' };
    case 'daemon':
      return { do: 'list-daemons' };
    default: {
      const view: View = columns.find((name) => given.has(name)) ?? 'plain';
      const listing = { view, exact: given.has('exact'), sorted: !given.has('nosort'), numeric };
      return { do: 'list', listing, only: service };
    }
  }
}
