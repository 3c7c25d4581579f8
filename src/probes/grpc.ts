/**
 * Whether a gRPC server says that a service is healthy, by the standard health protocol
 * (grpc.health.v1.Health/Check). `request` names the service; none is the server as a whole.
 */

import net from 'node:net';
import type { Answer, Check } from './probe.js';
import { withConnection } from './wire/dial.js';
import { answer, ProbeFailure, printable } from './wire/failure.js';
import { callGrpc } from './wire/grpc-call.js';
import { ownRequest } from './wire/own-request.js';

const method = '/grpc.health.v1.Health/Check';
const serving = 1;
/** HealthCheckResponse.ServingStatus. */
const statuses: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

export function probeGrpc(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(() => {
    const { address, port, route, tls, negotiateTimeout: timeout } = check;
    const authority = check.virtualhost ?? `${net.isIPv6(address) ? `[${address}]` : address}:${port}`;
    return withConnection({ address, port, route, tls, alpn: 'h2' }, signal, async ({ socket }) => {
      const call = { authority, method, message: requestOf(ownRequest(check)), timeout, secure: tls !== null };
      const status = statusOf(await callGrpc(socket, call, signal));
      const name = statuses[status] ?? `status ${status}`;
      if (status !== serving) throw new ProbeFailure('response', name);
      return `response: ${name}`;
    });
  });
}

/** HealthCheckRequest: the service is field 1, a string; an empty one is left out. */
function requestOf(service: string): Buffer {
  const name = Buffer.from(service);
  if (name.length === 0) return Buffer.alloc(0);
  if (name.length > 127) throw new ProbeFailure('request', 'the name of the service has more than 127 bytes');
  return Buffer.concat([Buffer.from([(1 << 3) | 2, name.length]), name]);
}

/** HealthCheckResponse: the status is field 1, a varint below 128; where it is 0 the field is left out. */
function statusOf(message: Buffer): number {
  if (message.length === 0) return 0;
  const [tag, status] = message;
  if (message.length === 2 && tag === 1 << 3 && status !== undefined && status < 0x80) return status;
  throw new ProbeFailure('response', `no health status: ${printable(message.subarray(0, 32).toString('hex'))} in hex`);
}
