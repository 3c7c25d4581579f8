/** Exim from the package exim4-daemon-light, which takes mail for nobody. */

import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const eximMissing = lacks('exim4');

export interface EximOptions {
  readonly certificate?: Certificate;
  /** TLS with the first byte. */
  readonly tlsOnConnect?: boolean;
  /** Takes this login by PLAIN and LOGIN. */
  readonly login?: { readonly user: string; readonly password: string };
  /** What it answers to a client's EHLO and HELO. */
  readonly helo?: 'accept' | 'deny';
}

export function startExim({ certificate, tlsOnConnect, login, helo }: EximOptions = {}): Promise<ServerProgram> {
  return startServer({
    program: 'exim4',
    // In the foreground, with a configuration of its own.
    args: ({ directory, port }) => ['-C', `${directory}/exim.conf`, '-bdf', '-q1h', '-oX', `127.0.0.1.${port}`],
    files: ({ directory, port }) => ({
      'exim.conf': `
primary_hostname = mail.example.com
spool_directory = ${directory}/spool
log_file_path = ${directory}/%slog
pid_file_path = ${directory}/exim.pid
exim_user = root
exim_group = root
never_users =
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
rfc1413_query_timeout = 0s
host_lookup =
acl_smtp_helo = helo
${certificate ? tlsSettings(directory, port, tlsOnConnect === true) : 'tls_advertise_hosts ='}
begin acl
helo:
  ${helo ?? 'accept'}
begin authenticators
${login ? authenticators(login.user, login.password) : ''}
`,
      ...(certificate && { 'cert.pem': certificate.cert, 'key.pem': certificate.key }),
    }),
  });
}

function tlsSettings(directory: string, port: number, onConnect: boolean): string {
  return `tls_advertise_hosts = *
tls_certificate = ${directory}/cert.pem
tls_privatekey = ${directory}/key.pem
${onConnect ? `tls_on_connect_ports = ${port}` : ''}`;
}

function authenticators(user: string, password: string): string {
  const right = (name: string, word: string) => `\${if and{{eq{${name}}{${user}}}{eq{${word}}{${password}}}}}`;
  return `plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${right('$auth2', '$auth3')}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${right('$auth1', '$auth2')}`;
}
