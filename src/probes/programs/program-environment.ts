/** What a program of the administrator finds in its environment. */

import type { Check } from '../probe.js';

/** Those that mean this process and mislead another: Node's settings, systemd's descriptors and its watchdog. */
const own = /^(?:NODE_|LDIRECTORD_|LISTEN_|WATCHDOG_|NOTIFY_SOCKET$|CREDENTIALS_DIRECTORY$)/;

/**
 * The environment that this process was started with, as scripts are used to, and the details of the check.
 * Passwords are not among them: anybody who can read the environment of a process would have them.
 */
export function environmentOf(check: Check): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || own.test(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(inherited), ...detailsOf(check) };
}

interface Detail {
  readonly sentence: string;
  readonly of: (check: Check) => string;
}

/** Every variable that tells of the check, a sentence each for the manual. */
const details: Readonly<Record<string, Detail>> = {
  LDIRECTORD_VIRTUAL: {
    sentence: 'the virtual service’s address, in brackets where it is IPv6, or its firewall mark',
    of: ({ args }) => args[0] ?? '',
  },
  LDIRECTORD_VIRTUAL_PORT: {
    sentence: 'the virtual service’s port; 0 for a firewall mark',
    of: ({ args }) => args[1] ?? '',
  },
  LDIRECTORD_REAL: {
    sentence: 'the real server’s address, in brackets where it is IPv6',
    of: ({ args }) => args[2] ?? '',
  },
  LDIRECTORD_REAL_PORT: {
    sentence: 'the real server’s port; 0 where the file leaves it out',
    of: ({ args }) => args[3] ?? '',
  },
  LDIRECTORD_CHECK_PORT: {
    sentence:
      'the port to check: `checkport`, or else the real server’s, the service’s usual one or the virtual service’s',
    of: ({ port }) => String(port),
  },
  LDIRECTORD_PROTOCOL: { sentence: '`tcp`, `udp` or `fwm`', of: ({ protocol }) => protocol },
  LDIRECTORD_SERVICE: { sentence: 'what `service` says', of: ({ service }) => service },
  LDIRECTORD_CHECKTYPE: { sentence: '`external` or `external-perl`', of: ({ type }) => type },
  LDIRECTORD_TIMEOUT: {
    sentence: 'the seconds that the program has, `checktimeout`',
    of: ({ checkTimeout }) => String(checkTimeout / 1000),
  },
  LDIRECTORD_REQUEST: {
    sentence: 'the real server’s `request`, or the virtual service’s',
    of: ({ request }) => request,
  },
  LDIRECTORD_RECEIVE: {
    sentence: 'the regular expression of `receive`, likewise; empty where there is none',
    of: ({ receive }) => receive?.source ?? '',
  },
  LDIRECTORD_VIRTUALHOST: {
    sentence: 'what `virtualhost` says; empty where it says nothing',
    of: ({ virtualhost }) => virtualhost ?? '',
  },
  LDIRECTORD_LOGIN: { sentence: 'what `login` says', of: ({ login }) => login },
  LDIRECTORD_DATABASE: { sentence: 'what `database` says', of: ({ database }) => database },
};

export const variableRows: readonly (readonly [name: string, sentence: string])[] = Object.entries(details).map(
  ([name, { sentence }]) => [name, sentence],
);

/** By name; none holds a NUL, which ends a value for the kernel. */
export function detailsOf(check: Check): Record<string, string> {
  return Object.fromEntries(Object.entries(details).map(([name, { of }]) => [name, of(check).replaceAll('\0', '')]));
}
