/** The health service of gRPC's own implementation for Node, in this process. */

import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation, type ServingStatusMap } from 'grpc-health-check';
import type { Certificate } from '../certificate.js';

export interface GrpcServer {
  readonly port: number;
  close(): void;
}

/** Without `statuses` it knows no health service. */
export async function startGrpc(statuses: ServingStatusMap | null, certificate?: Certificate): Promise<GrpcServer> {
  const server = new Server();
  if (statuses !== null) new HealthImplementation(statuses).addToServer(server);
  const credentials = certificate
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(certificate.key), cert_chain: Buffer.from(certificate.cert) },
      ])
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, close: () => server.forceShutdown() };
}
