/** The largest configuration known from the field, in shape: 2,277 services with 37,205 real servers. */

const services = 2277;
/** The first ones have a server more. */
const larger = 773;

/** How many real servers each service has. */
export const largeShape = Array.from({ length: services }, (_, index) => (index < larger ? 17 : 16));

export function largeFile(): string {
  const sections = largeShape.map((length, index) => {
    const servers = Array.from(
      { length },
      (_, server) => `\treal=10.${index >> 8}.${index & 255}.${server + 1}:80 gate 10\n`,
    );
    return `virtual=192.${index >> 8}.${index & 255}.1:80\n${servers.join('')}\tservice=http\n\tscheduler=wlc\n\trequest="index.html"\n\treceive="Test Page"\n`;
  });
  return `checktimeout=5\nquiescent=yes\n${sections.join('\n')}`;
}
