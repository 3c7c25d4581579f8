/**
 * Up means that the gRPC server answers the standard health protocol (grpc.health.v1.Health/Check) for the service in
 * `request`, or for itself as a whole, with the status SERVING.
 */

import net from 'node:net';
import { answer, ProbeFailure } from '../failure.js';
import { callGrpc } from '../http/grpc-call.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { withConnection } from '../sockets/dial.js';
import { ownRequest } from '../wire/own-request.js';
import { fieldsOf } from '../wire/protobuf.js';

const method = '/grpc.health.v1.Health/Check';
const serving = 1;
/** HealthCheckResponse.ServingStatus. */
const statuses: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

export function probeGrpc(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
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

/**
 * HealthCheckResponse: the status is field 1, a varint; where it is 0 the field is left out, and the last of several
 * holds. Other fields are of versions to come, and are let be, as every reader of such messages does.
 */
function statusOf(message: Buffer): number {
  const statuses = fieldsOf(message)?.filter(({ number, value }) => number === 1 && value !== null);
  if (statuses === undefined) {
    throw new ProbeFailure('response', `no health status: ${message.subarray(0, 32).toString('hex')} in hex`);
  }
  return Number(statuses.at(-1)?.value ?? 0);
}
