/** Placeholder until the reader of /etc/services is merged. */
export interface ServicePorts {
  port(name: string, protocol: 'tcp' | 'udp'): number | undefined;
}

export function parseServices(text: string): ServicePorts {
  const ports = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, entry, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [port, protocol] = (entry ?? '').split('/');
    for (const word of [name, ...aliases]) {
      const key = `${word}/${protocol}`;
      if (port !== undefined && !ports.has(key)) ports.set(key, Number(port));
    }
  }
  return { port: (name, protocol) => ports.get(`${name}/${protocol}`) };
}
