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

/** By name; none holds a NUL, which ends a value for the kernel. */
export function detailsOf(check: Check): Record<string, string> {
  const [virtual = '', virtualPort = '', real = '', realPort = ''] = check.args;
  const details: Record<string, string> = {
    LDIRECTORD_VIRTUAL: virtual,
    LDIRECTORD_VIRTUAL_PORT: virtualPort,
    LDIRECTORD_REAL: real,
    LDIRECTORD_REAL_PORT: realPort,
    LDIRECTORD_CHECK_PORT: String(check.port),
    LDIRECTORD_PROTOCOL: check.protocol,
    LDIRECTORD_SERVICE: check.service,
    LDIRECTORD_CHECKTYPE: check.type,
    LDIRECTORD_TIMEOUT: String(check.checkTimeout / 1000),
    LDIRECTORD_REQUEST: check.request,
    LDIRECTORD_RECEIVE: check.receive?.source ?? '',
    LDIRECTORD_VIRTUALHOST: check.virtualhost ?? '',
    LDIRECTORD_LOGIN: check.login,
    LDIRECTORD_DATABASE: check.database,
  };
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, value.replaceAll('\0', '')]));
}
